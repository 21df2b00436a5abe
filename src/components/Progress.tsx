// How far something is, in words, a bar and a figure.
import { Label, ProgressBar as AriaProgressBar } from 'react-aria-components';
import { Button } from './Button';
import styles from './Progress.module.css';
import { useText } from './TextContext';

interface ProgressBarProps {
  /** What is being done. */
  readonly label: string;
  /** 0 to 1; null: not known. */
  readonly share: number | null;
  /** E.g. '12 of 40 MiB'. */
  readonly detail?: string;
  /** Offers to cancel. */
  readonly onCancel?: () => void;
}

export function ProgressBar({ label, share, detail, onCancel }: ProgressBarProps) {
  const { t, percent } = useText();
  return (
    <div className={styles.progress}>
      <AriaProgressBar
        className={styles.meter}
        isIndeterminate={share === null}
        value={share ?? 0}
        minValue={0}
        maxValue={1}
        valueLabel={detail ?? percent(share ?? 0, 0)}
      >
        <div className={styles.words}>
          <Label>{label}</Label>
          <span className={styles.detail}>{detail ?? (share === null ? '' : percent(share, 0))}</span>
        </div>
        <svg className={styles.track} width="100%" height="4" aria-hidden="true">
          <rect className={styles.rail} width="100%" height="4" rx="2" />
          <rect className={share === null ? styles.running : styles.done} width={`${(share ?? 0.3) * 100}%`} height="4" rx="2" />
        </svg>
      </AriaProgressBar>
      {onCancel && (
        <Button size="s" onPress={onCancel}>
          {t('components.cancel')}
        </Button>
      )}
    </div>
  );
}
