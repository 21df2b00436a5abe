// The Train view: is it learning, and who does the work? One screen at 1440 × 900.
import { useEffect } from 'react';
import { useShortcuts } from '../../components/shortcuts';
import { ReadingLine } from '../../components/ReadingLine';
import { useText } from '../../components/TextContext';
import { bootEngine } from '../../stores/connect';
import { useEngine } from '../../stores/engine';
import { useLine, useShownMoment } from '../../stores/line';
import { runInfo, runStep, useRun } from '../../stores/run';
import { restart, step, togglePlay } from '../../stores/runActions';
import { Balance } from './Balance';
import { Batch } from './Batch';
import { Heatmaps } from './Heatmaps';
import { KeptList } from './KeptList';
import { KeptRuns } from './KeptRuns';
import { Loss } from './Loss';
import { ModelFacts, Pace } from './ModelFacts';
import { Optimizer } from './Optimizer';
import { PlayCluster } from './PlayCluster';
import { PresetPicker } from './PresetPicker';
import { RunStatus } from './RunStatus';
import { Sample } from './Sample';
import { Settings, WaitingChanges } from './Settings';
import { useFocusAfterTravel } from '../timeline/focus';
import { LookBack } from '../timeline/LookBack';
import { Moment } from '../timeline/Moment';
import { Timeline } from '../timeline/Timeline';
import styles from './Train.module.css';
import { usePauseWhenHidden } from './usePauseWhenHidden';

/** While an earlier moment is looked at: what follows it is not of that moment. */
function LiveNote() {
  const { t, integer } = useText();
  const moment = useShownMoment(useLine('run'));
  const step = useRun(({ run }) => (runInfo(run) ? runStep(run) : null));
  const isTraining = useRun(({ run }) => run.phase === 'training');
  if (!moment || step === null) return null;
  return <ReadingLine resting>{t(isTraining ? 'timeline.live' : 'timeline.resting', { step: integer(step) })}</ReadingLine>;
}

export default function TrainView() {
  const { t } = useText();
  usePauseWhenHidden();
  useFocusAfterTravel();
  useShortcuts(t('app.view.train'), [
    { key: 'p', label: t('train.shortcut.play'), run: () => void togglePlay() },
    { key: 's', label: t('train.shortcut.step'), run: () => void step(1) },
    { key: 'r', label: t('train.shortcut.restart'), run: () => void restart() },
  ]);
  useEffect(() => {
    // The engine warms up while the person reads, so that Play answers at once.
    if (useEngine.getState().engine.phase === 'off') void bootEngine();
  }, []);
  return (
    <div className={styles.view}>
      <h1 className={styles.spoken}>{t('train.title')}</h1>
      <div className={styles.rail}>
        <section className={styles.run} aria-label={t('train.run')}>
          <PlayCluster />
          <RunStatus />
          <KeptRuns />
          <KeptList />
          <WaitingChanges />
          <Pace />
        </section>
        <section className={styles.settings} aria-label={t('train.rail')}>
          <PresetPicker />
          <ModelFacts />
          <Settings />
        </section>
      </div>
      <section className={styles.centre} aria-label={t('train.centre')}>
        <Timeline of="run" />
        <LookBack />
        <Moment />
        <LiveNote />
        <Heatmaps />
        <Batch />
        <Sample />
      </section>
      <section className={styles.results} aria-label={t('train.results')}>
        <Loss />
        <Balance />
        <Optimizer />
      </section>
    </div>
  );
}
