// The kept moments of the run, or of the page's own model, along their training tokens: what is dragged to is what every view shows.
import { memo } from 'react';
import { Button } from '../../components/Button';
import { MomentSlider, type SliderMoment } from '../../components/MomentSlider';
import { Segmented } from '../../components/Segmented';
import { useText } from '../../components/TextContext';
import { chooseModel } from '../../stores/chosenModel';
import { tokensAt, useLine, useShownMoment, type Line, type LineMoment } from '../../stores/line';
import { setPreference, usePreferences } from '../../stores/preferences';
import { runStep, useRun } from '../../stores/run';
import { takeSnapshot, useTimeline } from '../../stores/timeline';
import { engineErrorText } from '../train/errorText';
import { focusLine, SLIDER_ID } from './focus';
import { MomentDetail } from './MomentDetail';
import styles from './Timeline.module.css';
import { Travel } from './Travel';

/** The end of the line is now, a little beyond the newest moment. */
const NEWEST = 0.97;

export function Timeline({ of }: { readonly of: 'run' | 'model' }) {
  const line = useLine(of);
  const moment = useShownMoment(line);
  return line && line.moments.length > 0 ? <Moments line={line} moment={moment} /> : null;
}

function Moments({ line, moment }: { readonly line: Line; readonly moment: LineMoment | null }) {
  const { t, integer, compact } = useText();
  const steps = useRun(({ run }) => runStep(run));
  const axis = usePreferences((state) => state.timelineAxis);
  const now = line.kind === 'run' ? steps : null;
  const kept = now === null ? line.moments : line.moments.filter(({ step }) => step <= now);
  const spread = axis === 'log' ? Math.log1p : (step: number): number => step;
  const end = spread(now ?? kept.at(-1)?.step ?? 0);
  const place = (step: number): number => (end === 0 ? 1 : spread(step) / end);
  const shown: SliderMoment[] = kept.map(({ step, isWhole }) => ({
    place: place(step) * (now === null ? 1 : NEWEST),
    label: t('timeline.moment', { step: integer(step), tokens: compact(tokensAt(line, step)) }),
    isStrong: isWhole,
  }));
  if (now !== null) shown.push({ place: 1, label: t('timeline.now', { step: integer(now) }), isStrong: false });
  const chosen = kept.findIndex(({ step }) => step === moment?.step);
  const value = chosen < 0 ? shown.length - 1 : chosen;
  return (
    <section className={styles.timeline} aria-label={t(`timeline.title.${line.kind}`)}>
      <MomentSlider
        id={SLIDER_ID}
        moments={shown}
        value={value}
        onChange={(index) => chooseModel(kept[index]?.ref ?? null)}
        ariaLabel={t('timeline.slider')}
      />
      <output className={styles.shown}>{shown[value]!.label}</output>
      <Axis />
      {now !== null && <BackOrKeep isThen={moment !== null} isAtStart={now === 0} />}
      {moment && (
        <div className={styles.then}>
          <MomentDetail line={line} moment={moment} />
          {moment.ref.kind === 'checkpoint' && <Travel moment={moment.ref} isOwn={moment.ref.runId === line.runId} />}
        </div>
      )}
      {now !== null && <Problems />}
    </section>
  );
}

/** Apart, so that a step does not render it; what follows as well. */
const Axis = memo(function Axis() {
  const { t } = useText();
  const axis = usePreferences((state) => state.timelineAxis);
  return (
    <Segmented
      label={t('timeline.axis')}
      options={[
        { id: 'log', label: t('timeline.axis.log') },
        { id: 'linear', label: t('timeline.axis.linear') },
      ]}
      value={axis}
      onChange={(timelineAxis) => setPreference({ timelineAxis })}
    />
  );
});

interface BackOrKeepProps {
  /** An earlier moment is looked at. */
  readonly isThen: boolean;
  readonly isAtStart: boolean;
}

/** One place for the two, so that the line beside it keeps its width. */
const BackOrKeep = memo(function BackOrKeep({ isThen, isAtStart }: BackOrKeepProps) {
  const { t } = useText();
  const taking = useTimeline((state) => state.taking);
  const back = (): void => {
    chooseModel(null);
    focusLine();
  };
  return (
    <span className={styles.backOrKeep}>
      {isThen ? (
        <Button wide size="s" onPress={back}>
          {t('timeline.back')}
        </Button>
      ) : (
        <Button wide size="s" isDisabled={taking.phase === 'busy' || isAtStart} onPress={() => void takeSnapshot()}>
          {t('timeline.take')}
        </Button>
      )}
    </span>
  );
});

const Problems = memo(function Problems() {
  const text = useText();
  const { t, integer } = text;
  const missed = useTimeline(({ snapshots }) => snapshots?.missed ?? 0);
  const taking = useTimeline((state) => state.taking);
  const error = useTimeline(({ snapshots }) => snapshots?.error ?? null);
  const problem = taking.phase === 'failed' ? taking.error : error;
  return (
    <>
      {missed > 0 && <p className={styles.problem}>{t('timeline.missed', { count: integer(missed) })}</p>}
      {problem && (
        <p className={styles.problem} role="alert">
          {t('timeline.problem', { error: engineErrorText(problem, text) })}
        </p>
      )}
    </>
  );
});
