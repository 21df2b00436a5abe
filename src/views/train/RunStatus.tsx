// Where the run stands, in words: what is being done, what went wrong, what to do next.
import { Badge, type BadgeTone } from '../../components/Badge';
import { Button } from '../../components/Button';
import { Notice } from '../../components/Notice';
import { ProgressBar } from '../../components/Progress';
import { useText, type TextTools } from '../../components/TextContext';
import type { Progress } from '../../protocol/commands';
import { useCorpus, loadCorpus } from '../../stores/corpus';
import { bootEngine, cancelBoot } from '../../stores/connect';
import { useEngine } from '../../stores/engine';
import { lostRun } from '../../stores/recovery';
import { isElsewhere, runInfo, useRun, type Run } from '../../stores/run';
import { cancelPreparing, play } from '../../stores/runActions';
import { STATUS_ID } from '../timeline/focus';
import { engineErrorText } from './errorText';
import styles from './rail.module.css';

const TONE: Readonly<Record<Run['phase'], BadgeTone>> = {
  none: 'neutral',
  preparing: 'accent',
  refused: 'danger',
  paused: 'neutral',
  training: 'good',
  failed: 'danger',
  lost: 'danger',
};

function phaseWords(run: Run, { t, integer }: TextTools): string {
  switch (run.phase) {
    case 'none':
      return t('train.phase.none');
    case 'preparing':
      return t('train.phase.preparing');
    case 'refused':
      return t('train.phase.refused');
    case 'paused':
      return run.step === 0 ? t('train.phase.fresh') : t('train.phase.paused', { step: integer(run.step) });
    case 'training':
      return run.until === null ? t('train.phase.training') : t('train.phase.trainingUntil', { until: integer(run.until) });
    case 'failed':
      return t(isElsewhere(run) ? 'train.phase.elsewhere' : 'train.phase.failed', { step: integer(run.step) });
    case 'lost':
      return t('train.phase.lost', { step: integer(run.step) });
  }
}

function Doing({ progress, onCancel }: { readonly progress: Progress | null; readonly onCancel?: () => void }) {
  const { t, integer, bytes } = useText();
  const known = progress !== null && progress.total > 0;
  const amount = progress?.stage.startsWith('loading') ? bytes : integer;
  return (
    <ProgressBar
      label={t(progress ? `train.progress.${progress.stage}` : 'train.progress.waiting')}
      share={known ? progress.done / progress.total : null}
      detail={known ? t('train.progress.of', { done: amount(progress.done), total: amount(progress.total) }) : undefined}
      onCancel={onCancel}
    />
  );
}

export function RunStatus() {
  const text = useText();
  const { t, integer } = text;
  const { run, problem } = useRun();
  const engine = useEngine((state) => state.engine);
  const warming = useEngine((state) => state.warming);
  const corpus = useCorpus((state) => state.corpus);
  const name = runInfo(run)?.name;
  return (
    <div className={styles.status}>
      <p className={styles.statusLine}>
        <span id={STATUS_ID} role="status" tabIndex={-1} className={styles.phase}>
          <Badge
            tone={isElsewhere(run) ? 'neutral' : TONE[run.phase]}
            icon={run.phase === 'training' ? 'play' : run.phase === 'paused' ? 'pause' : undefined}
          >
            {phaseWords(run, text)}
          </Badge>
        </span>
        {run.phase === 'training' && <span className={styles.runName}>{t('train.phase.step', { step: integer(run.step) })}</span>}
        {name && <span className={styles.runName}>{name}</span>}
      </p>
      {engine.phase === 'booting' && <Doing progress={engine.progress} onCancel={cancelBoot} />}
      {run.phase === 'preparing' && engine.phase !== 'booting' && <Doing progress={run.progress} onCancel={cancelPreparing} />}
      {run.phase !== 'preparing' && engine.phase === 'ready' && warming && <Doing progress={warming} />}
      {engine.phase === 'failed' && !(run.phase === 'lost' && run.error === engine.error) && (
        <Notice
          tone="danger"
          title={t('train.engine.failed')}
          actions={
            <Button size="s" onPress={() => void bootEngine()}>
              {t('train.start.again')}
            </Button>
          }
        >
          {engineErrorText(engine.error, text)}
        </Notice>
      )}
      {engine.phase === 'ready' && engine.info.failures.length > 0 && (
        <Notice tone="caution" title={t('train.engine.fallback', { backend: t(`train.backend.${engine.info.backend}`) })}>
          {engine.info.failures
            .map(({ backend, detail }) => t('train.engine.fallback.item', { backend: t(`train.backend.${backend}`), detail }))
            .join(' ')}
        </Notice>
      )}
      {run.phase === 'failed' && !isElsewhere(run) && lostRun(run, null, null) === null && (
        <Notice
          tone="danger"
          title={t('train.failed.title', { step: integer(run.step) })}
          {...(run.goesOn && {
            actions: (
              <Button size="s" onPress={() => void play()}>
                {t('train.failed.goOn')}
              </Button>
            ),
          })}
        >
          {run.goesOn && t('train.failed.goesOn')} {engineErrorText(run.error, text)}
        </Notice>
      )}
      {run.phase === 'refused' && (
        <Notice tone="danger" title={t('train.refused.title')}>
          {engineErrorText(run.error, text)}
        </Notice>
      )}
      {problem && (
        <Notice tone="danger" title={t('train.problem.title')} onDismiss={() => useRun.setState({ problem: null })}>
          {engineErrorText(problem, text)}
        </Notice>
      )}
      {corpus.phase === 'failed' && corpus.error.code !== 'cancelled' && engine.phase === 'ready' && (
        <Notice
          tone="danger"
          title={t('train.corpus.failed')}
          actions={
            <Button size="s" onPress={() => void loadCorpus()}>
              {t('train.start.again')}
            </Button>
          }
        >
          {engineErrorText(corpus.error, text)}
        </Notice>
      )}
    </div>
  );
}
