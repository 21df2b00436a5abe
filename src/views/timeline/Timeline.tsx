// The moments of the run that is looked at, or of the page's own model, along its training tokens; what a view shows follows it.
import { Button } from '../../components/Button';
import { MomentSlider, type SliderMoment } from '../../components/MomentSlider';
import { Segmented } from '../../components/Segmented';
import { useText } from '../../components/TextContext';
import { setPreference, usePreferences } from '../../stores/preferences';
import { runInfo, runStep, useRun } from '../../stores/run';
import { lookAtMoment, momentSteps, takeSnapshot, useTimeline } from '../../stores/timeline';
import { engineErrorText } from '../train/errorText';
import styles from './Timeline.module.css';
import { Travel } from './Travel';

export function Timeline() {
  const text = useText();
  const { t, integer, compact } = text;
  const run = useRun((state) => state.run);
  const info = runInfo(run);
  const snapshots = useTimeline((state) => state.snapshots);
  const moment = useTimeline((state) => state.moment);
  const taking = useTimeline((state) => state.taking);
  const axis = usePreferences((state) => state.timelineAxis);
  if (!info || run.phase === 'lost' || snapshots?.runId !== info.runId) return null;
  const { batchSize, sequenceLength } = info.config.train;
  const now = runStep(run);
  const kept = momentSteps({ snapshots }).filter(({ step }) => step <= now);
  const spread = axis === 'log' ? Math.log1p : (step: number) => step;
  const place = (step: number): number => (now === 0 ? 1 : spread(step) / spread(now));
  const label = (step: number): string =>
    t('timeline.moment', { step: integer(step), tokens: compact(step * batchSize * sequenceLength) });
  const moments: SliderMoment[] = [
    ...kept.map(({ step, isWhole }) => ({ place: place(step) * 0.97, label: label(step), isStrong: isWhole })),
    { place: 1, label: t('timeline.now', { step: integer(now) }), isStrong: false },
  ];
  const chosen = moment ? kept.findIndex(({ step }) => step === moment.step) : -1;
  const value = chosen < 0 ? moments.length - 1 : chosen;
  const look = (index: number): void => {
    const at = kept[index];
    void lookAtMoment(at ? { kind: 'checkpoint', runId: info.runId, step: at.step } : null);
  };
  const problem = taking.phase === 'failed' ? taking.error : snapshots.error;
  return (
    <section className={styles.timeline} aria-label={t('timeline.title')}>
      <MomentSlider moments={moments} value={value} onChange={look} ariaLabel={t('timeline.slider')} />
      <output className={styles.shown}>{moments[value]!.label}</output>
      <Segmented
        label={t('timeline.axis')}
        options={[
          { id: 'log', label: t('timeline.axis.log') },
          { id: 'linear', label: t('timeline.axis.linear') },
        ]}
        value={axis}
        onChange={(timelineAxis) => setPreference({ timelineAxis })}
      />
      {moment ? (
        <>
          <Travel moment={moment} />
          <Button size="s" onPress={() => void lookAtMoment(null)}>
            {t('timeline.back')}
          </Button>
        </>
      ) : (
        <Button size="s" isDisabled={taking.phase === 'busy' || now === 0} onPress={() => void takeSnapshot()}>
          {t('timeline.take')}
        </Button>
      )}
      {problem && (
        <p className={styles.problem} role="alert">
          {t('timeline.problem', { error: engineErrorText(problem, text) })}
        </p>
      )}
    </section>
  );
}
