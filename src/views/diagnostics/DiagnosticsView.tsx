// The Diagnostics view: where does the time of a step go, and what does the engine hold? Steps are traced while it is open.
import { useDeferredValue, useEffect, useState } from 'react';
import { Button, IconButton } from '../../components/Button';
import { EmptyState } from '../../components/States';
import { Switch } from '../../components/Switch';
import { useShortcuts } from '../../components/shortcuts';
import { useText } from '../../components/TextContext';
import { TimeScrubber } from '../../components/TimeScrubber';
import { bootEngine } from '../../stores/connect';
import { useEngine } from '../../stores/engine';
import { useRun } from '../../stores/run';
import { step, togglePlay } from '../../stores/runActions';
import { setStepTracing, useStepTraces } from '../../stores/stepTraces';
import styles from './Diagnostics.module.css';
import { MachineFacts } from './MachineFacts';
import { PhaseMeans } from './PhaseMeans';
import { StepFlame } from './StepFlame';

export default function DiagnosticsView() {
  const { t } = useText();
  const phase = useRun(({ run }) => run.phase);
  // A new step is drawn when the page has a moment: small models do a hundred a second.
  const traces = useDeferredValue(useStepTraces((state) => state.traces));
  const isDeferred = useEngine(({ engine }) => engine.phase === 'ready' && engine.info.backend.startsWith('webgpu'));
  const [exact, setExact] = useState(false);
  const [chosen, setChosen] = useState<number | null>(null);
  useShortcuts(t('app.view.diagnostics'), [
    { key: 'p', label: t('train.shortcut.play'), run: () => void togglePlay() },
    { key: 's', label: t('train.shortcut.step'), run: () => void step(1) },
  ]);
  useEffect(() => {
    if (useEngine.getState().engine.phase === 'off') void bootEngine();
  }, []);
  useEffect(() => {
    void setStepTracing(exact ? 'exact' : 'quick');
    return () => void setStepTracing('off');
  }, [exact]);
  const newest = traces.at(-1);
  const shown = traces.find((trace) => trace.step === chosen) ?? newest;
  const training = phase === 'training';
  const busy = phase === 'preparing';
  return (
    <div className={styles.view}>
      <header className={styles.head}>
        <div>
          <h1>{t('diagnostics.title')}</h1>
          <p className={styles.lead}>{t('diagnostics.lead')}</p>
        </div>
        <div className={styles.controls}>
          <Button tone="primary" icon={training ? 'pause' : 'play'} isDisabled={busy} onPress={() => void togglePlay()}>
            {t(training ? 'train.pause' : 'train.play')}
          </Button>
          <IconButton
            icon="step"
            label={t('train.step')}
            shortcut="S"
            tone="plain"
            isDisabled={busy || training}
            onPress={() => void step(1)}
          />
        </div>
      </header>
      <MachineFacts />
      {isDeferred && (
        <div className={styles.exact}>
          <Switch isSelected={exact} onChange={setExact} aria-describedby="exact-note">
            {t('diagnostics.exact')}
          </Switch>
          <p id="exact-note" className={styles.lead}>
            {t('diagnostics.exact.note')}
          </p>
        </div>
      )}
      {shown && newest ? (
        <>
          <div className={styles.scrubber}>
            <TimeScrubber
              oldest={traces[0]!.step}
              newest={newest.step}
              value={shown === newest ? null : shown.step}
              onChange={setChosen}
              label={t('diagnostics.scrubber')}
            />
          </div>
          <StepFlame trace={shown} />
          <PhaseMeans traces={traces} />
        </>
      ) : (
        <EmptyState
          title={t('diagnostics.empty.title')}
          action={
            <Button isDisabled={busy || training} onPress={() => void step(1)}>
              {t('train.step')}
            </Button>
          }
        >
          {t('diagnostics.empty.body')}
        </EmptyState>
      )}
    </div>
  );
}
