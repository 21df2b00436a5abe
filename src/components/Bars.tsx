// Bars to compare a few amounts by, each labelled with its name and its figure. The chart library comes when the first one is shown.
import { lazy, Suspense, useRef } from 'react';
import styles from './Bars.module.css';
import type { Bar, Texture } from './BarsDrawing';
import { usePanelScale } from './panelScale';
import { useText } from './TextContext';
import { useSize } from './useCanvas';

const BarsDrawing = lazy(() => import('./BarsDrawing'));

interface BarsProps {
  /** Keep the object while nothing changes: a new one draws anew. */
  readonly bars: readonly Bar[];
  /** A line across all bars, e.g. their mean. */
  readonly reference?: number;
  /** What the textures mean, and what line and marks are. */
  readonly legend: readonly { readonly texture: Texture | 'line' | 'mark'; readonly label: string }[];
  readonly ariaLabel: string;
  /** Width kept for the names, CSS px. */
  readonly names: number;
}

/** Height of one bar with the gap under it, CSS px. */
const ROW = 18;

export function Bars({ bars, reference, legend, ariaLabel, names }: BarsProps) {
  const { t } = useText();
  const frame = useRef<HTMLDivElement>(null);
  const { width } = useSize(frame);
  const height = bars.length * ROW * Math.min(2, usePanelScale());
  return (
    <figure className={styles.bars}>
      <div ref={frame} className={styles.frame} style={{ height }} role="img" aria-label={`${ariaLabel}: ${spoken(bars)}`}>
        {width > 0 && (
          <Suspense fallback={<p className={styles.loading}>{t('components.bars.loading')}</p>}>
            <BarsDrawing bars={bars} reference={reference} names={names} width={width} height={height} />
          </Suspense>
        )}
      </div>
      <figcaption className={styles.legend}>
        {legend.map(({ texture, label }) => (
          <span key={texture} className={styles.entry}>
            <span className={styles[texture]} />
            {label}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

const spoken = (bars: readonly Bar[]): string => bars.map(({ label, text }) => `${label} ${text}`).join(', ');
