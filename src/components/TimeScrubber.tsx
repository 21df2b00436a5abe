// Chooses one of the last steps, or follows the newest: the right end is live.
import { Button, Slider, SliderThumb, SliderTrack } from 'react-aria-components';
import { classes } from './classes';
import { useText } from './TextContext';
import styles from './TimeScrubber.module.css';

interface TimeScrubberProps {
  /** Steps that can be shown, oldest and newest; equal or empty (newest < oldest) disables it. */
  readonly oldest: number;
  readonly newest: number;
  /** The step shown; null follows the newest. */
  readonly value: number | null;
  readonly onChange: (step: number | null) => void;
  /** Of the step shown; its number by default. */
  readonly label?: string;
}

export function TimeScrubber({ oldest, newest, value, onChange, label }: TimeScrubberProps) {
  const { t, integer } = useText();
  const live = value === null || newest <= oldest;
  const shown = live ? newest : Math.max(oldest, value);
  return (
    <div className={styles.scrubber}>
      <Slider
        className={styles.slider}
        aria-label={label ?? t('components.scrubber.label')}
        minValue={oldest}
        maxValue={Math.max(oldest + 1, newest)}
        value={Math.max(oldest, shown)}
        isDisabled={newest <= oldest}
        onChange={(step) => onChange(step >= newest ? null : step)}
      >
        <SliderTrack className={styles.track}>
          <SliderThumb className={classes(styles.thumb, live && styles.live)} aria-valuetext={integer(shown)} />
        </SliderTrack>
      </Slider>
      <output className={styles.step}>{newest < oldest ? '' : integer(shown)}</output>
      <Button
        className={classes(styles.follow, live && styles.following)}
        aria-label={live ? t('components.scrubber.live') : t('components.scrubber.goLive')}
        aria-pressed={live}
        isDisabled={newest <= oldest}
        onPress={() => onChange(live ? Math.max(oldest, newest - 1) : null)}
      >
        <span className={styles.dot} />
        {t('components.scrubber.live')}
      </Button>
    </div>
  );
}
