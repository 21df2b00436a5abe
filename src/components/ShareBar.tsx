// Parts of a whole as one bar with its list: parameters by component, bytes by language.
import styles from './ShareBar.module.css';
import { useText } from './TextContext';

export interface SharePart {
  readonly id: string;
  readonly label: string;
  readonly value: number;
  /** How much of `value` is in use (parameters active for a token): drawn solid, the rest hatched. */
  readonly used?: number;
  readonly color: string;
}

interface ShareBarProps {
  readonly parts: readonly SharePart[];
  readonly ariaLabel: string;
  readonly format: (value: number) => string;
  /** What `used` means, e.g. 'active for each token'. */
  readonly usedLabel?: string;
}

export function ShareBar({ parts, ariaLabel, format, usedLabel }: ShareBarProps) {
  const { t, percent } = useText();
  const whole = parts.reduce((sum, part) => sum + part.value, 0);
  const there = parts.filter((part) => part.value > 0);
  return (
    <figure className={styles.share} aria-label={ariaLabel}>
      <div className={styles.bar} aria-hidden="true">
        {there.map((part) => (
          <span key={part.id} className={styles.part} style={{ flexGrow: part.value / whole, color: part.color }}>
            <span className={styles.used} style={{ width: `${((part.used ?? part.value) / part.value) * 100}%` }} />
          </span>
        ))}
      </div>
      <ul className={styles.list}>
        {there.map((part) => (
          <li key={part.id}>
            <span className={styles.swatch} style={{ background: part.color }} />
            <span className={styles.name}>{part.label}</span>
            <span className={styles.value}>{format(part.value)}</span>
            <span className={styles.percent}>{percent(part.value / whole, 0)}</span>
            {part.used !== undefined && part.used !== part.value && (
              <span className={styles.note}>
                {format(part.used)} {usedLabel ?? t('components.share.active')}
              </span>
            )}
          </li>
        ))}
      </ul>
    </figure>
  );
}
