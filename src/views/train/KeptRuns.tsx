// What the browser has kept: the run to go on with while the page has none, and a word where the current one cannot be kept. All of them
// are in KeptList.
import { useEffect, useState } from 'react';
import { Button } from '../../components/Button';
import { Notice } from '../../components/Notice';
import { useText } from '../../components/TextContext';
import type { KeptRun } from '../../protocol/kept';
import { useEngine } from '../../stores/engine';
import { dismissEvicted, loadKept, offeredRuns, ownKeeping, useKept } from '../../stores/kept';
import { resumeKept } from '../../stores/resume';
import { isElsewhere, useRun } from '../../stores/run';
import { Discarding } from './Discarding';
import { engineErrorText } from './errorText';
import styles from './rail.module.css';

export function KeptRuns() {
  const text = useText();
  const { t, integer } = text;
  const run = useRun((state) => state.run);
  const isReady = useEngine(({ engine }) => engine.phase === 'ready');
  const state = useKept();
  const [asked, setAsked] = useState<KeptRun | null>(null);
  const [first] = offeredRuns(run, state);
  const { phase } = run;
  useEffect(() => {
    // A run that has just been left to another tab, or lost, is in the list now.
    if (isReady && (phase === 'failed' || phase === 'lost')) void loadKept();
  }, [phase, isReady]);
  const { kept, evicted, problem } = state;
  const keeping = ownKeeping(run, state.keeping);
  return (
    <>
      {isElsewhere(run) ? <Left /> : first && <Offer kept={first} onDiscard={() => setAsked(first)} />}
      {problem && (
        <Notice tone="danger" title={t('kept.problem')} onDismiss={() => useKept.setState({ problem: null })}>
          {engineErrorText(problem, text)}
        </Notice>
      )}
      {phase === 'none' && evicted && (
        <Notice tone="caution" title={t('kept.evicted', { name: evicted.name })} onDismiss={dismissEvicted}>
          {t('kept.evicted.body', { step: integer(evicted.step) })}
        </Notice>
      )}
      {phase === 'none' && kept.error && (
        <Notice tone="caution" title={t('kept.list.problem')}>
          {engineErrorText(kept.error, text)}
        </Notice>
      )}
      {keeping?.error && (phase === 'training' || phase === 'paused') && (
        <Notice tone="caution" title={t('kept.notSaved')}>
          {engineErrorText(keeping.error, text)}
        </Notice>
      )}
      <Standing />
      {asked && <Discarding kept={asked} onClose={() => setAsked(null)} />}
    </>
  );
}

/** The page's own run goes on in another tab: what became of it, and what can be done here. */
function Left() {
  const { t, integer } = useText();
  const run = useRun((state) => state.run);
  const isBusy = useKept((state) => state.isBusy);
  if (run.phase !== 'failed') return null;
  const { runId, name } = run.info;
  return (
    <Notice
      title={t('kept.left.title', { name })}
      actions={
        <Button size="s" tone="primary" isDisabled={isBusy} onPress={() => void resumeKept(runId, true)}>
          {t('kept.takeOver')}
        </Button>
      }
    >
      {isBusy ? t('kept.busy') : t('kept.left.body', { step: integer(run.step) })}
    </Notice>
  );
}

function Offer({ kept, onDiscard }: { readonly kept: KeptRun; readonly onDiscard: () => void }) {
  const { t, integer, moment, loose } = useText();
  const isBusy = useKept((state) => state.isBusy);
  const { name, runId, savedAt, isElsewhere, backend } = kept;
  const step = integer(kept.step);
  const body = isElsewhere
    ? t('kept.elsewhere.body', { step })
    : t('kept.body', { when: moment(savedAt), backend: loose(`train.backend.${backend}`) });
  return (
    <Notice
      title={t(isElsewhere ? 'kept.elsewhere.title' : 'kept.title', { name, step })}
      actions={
        <>
          <Button size="s" tone="primary" isDisabled={isBusy} onPress={() => void resumeKept(runId, isElsewhere)}>
            {t(isElsewhere ? 'kept.takeOver' : 'kept.resume')}
          </Button>
          {!isElsewhere && (
            <Button size="s" isDisabled={isBusy} onPress={onDiscard}>
              {t('kept.discard')}
            </Button>
          )}
        </>
      }
    >
      {isBusy ? t('kept.busy') : body}
    </Notice>
  );
}

/** How far the current run is kept, and what is not as it was when it was saved. */
function Standing() {
  const { t, loose, integer } = useText();
  const { keeping: told, differs, passedOver } = useKept();
  const run = useRun((state) => state.run);
  if (run.phase !== 'paused' && run.phase !== 'training') return null;
  const keeping = ownKeeping(run, told);
  return (
    <>
      {passedOver !== null && (
        <Notice tone="caution" title={t('kept.passedOver')} onDismiss={() => useKept.setState({ passedOver: null })}>
          {t('kept.passedOver.body', { detail: passedOver })}
        </Notice>
      )}
      {differs.length > 0 && (
        <p className={styles.note}>
          {t('kept.differs', { parts: differs.map((part) => loose(`kept.differs.${part}`)).join(', ') })}
        </p>
      )}
      {keeping && keeping.saved !== null && <p className={styles.note}>{t('kept.saved', { step: integer(keeping.saved) })}</p>}
    </>
  );
}
