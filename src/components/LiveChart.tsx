// Curves of thousands of points that grow while one looks. Drawn by uPlot; legend, keys and words are ours.
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { alignCurves, knownAt, type AlignedCurves, type ChartReference, type ChartSeries } from './chartData';
import { makeChart, type ChartLook } from './chartLook';
import styles from './LiveChart.module.css';
import { usePanelScale } from './panelScale';
import { useText } from './TextContext';
import { useSize } from './useCanvas';
import { useTheme } from './useTheme';

export interface LiveChartProps {
  /** x values of every series without its own, ascending. */
  readonly x: ArrayLike<number>;
  readonly xLabel: string;
  readonly series: readonly ChartSeries[];
  /** Changes whenever the values do. */
  readonly version: number;
  readonly references?: readonly ChartReference[];
  readonly xScale?: 'linear' | 'log';
  readonly yScale?: 'linear' | 'log';
  /** Ends of the x axis; those of the data by default. */
  readonly xRange?: readonly [low: number, high: number];
  /** x values to mark, ascending, none closer to another than `gap`; by default round ones. */
  readonly xTicks?: (low: number, high: number, gap: number) => readonly number[];
  /** Ends the y axis keeps; null: as the data are. */
  readonly yRange?: readonly [low: number | null, high: number | null];
  /** Charts of one key share their cursor. */
  readonly syncKey?: string;
  /** Of the plot, CSS px. */
  readonly height?: number;
  readonly formatX?: (value: number) => string;
  /** A formatted x value as a reading names it, e.g. 'step 12'; the axis and the value by default. */
  readonly sayX?: (x: string) => string;
  readonly formatY?: (value: number) => string;
  readonly ariaLabel: string;
  /** False: all its points are there, and none is the newest. */
  readonly grows?: boolean;
  /** Said where there is nothing to draw yet; by default that the first step starts the curve. */
  readonly empty?: string;
  /** The x value under the cursor, null when it leaves. */
  readonly onHoverX?: (x: number | null) => void;
}

export function LiveChart(props: LiveChartProps) {
  const { x, series, version, references = [], xScale = 'linear', yScale = 'linear', syncKey, ariaLabel } = props;
  const { xRange, xTicks, yRange, xLabel } = props;
  const height = (props.height ?? 160) * usePanelScale();
  const { t, language, significant } = useText();
  const theme = useTheme();
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const { width } = useSize(frame);
  const [at, setAt] = useState<number | null>(null);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const formatX = props.formatX ?? ((value: number) => significant(value, 6));
  const formatY = props.formatY ?? ((value: number) => significant(value, 4));

  const sayX = (value: number): string =>
    props.sayX?.(formatX(value)) ?? t('components.chart.position', { axis: xLabel, x: formatX(value) });

  const data = useMemo<AlignedCurves>(
    () => alignCurves(x, series, yScale === 'log'),
    // The buffers are the same objects while their contents grow: the version stands for them.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [version, x, yScale, series.map((one) => one.key).join()],
  );
  const look: ChartLook = { series, references, xScale, yScale, xRange, xTicks, yRange, syncKey, formatX, formatY, hidden };
  const newest = useRef({ look, data, onHoverX: props.onHoverX });
  useLayoutEffect(() => {
    newest.current = { look, data, onHoverX: props.onHoverX };
  });
  const shape = JSON.stringify([
    series.map(({ key, label, color, dash, width: thick, faint, points }) => [key, label, color, dash, thick, faint, points]),
    [xScale, yScale, syncKey, xLabel, theme, language, [...hidden]],
  ]);
  const ready = width > 0;

  useEffect(() => {
    const target = frame.current;
    if (!target || !ready) return;
    const made = makeChart(
      target,
      { width: target.clientWidth, height },
      () => newest.current.look,
      newest.current.data,
      (index) => {
        setAt(index);
        newest.current.onHoverX?.(index === null ? null : (newest.current.data[0][index] ?? null));
      },
    );
    chart.current = made;
    return () => {
      chart.current = null;
      made.destroy();
    };
  }, [shape, ready, height]);

  useEffect(() => {
    if (width > 0) chart.current?.setSize({ width, height });
  }, [width, height]);

  const referenceShape = JSON.stringify([references, xRange, yRange]);
  useEffect(() => {
    const request = requestAnimationFrame(() => {
      chart.current?.setData(newest.current.data);
      setAt((known) => (known === null ? null : (chart.current?.cursor.idx ?? null)));
    });
    return () => cancelAnimationFrame(request);
  }, [data, referenceShape]);

  const last = data[0].length - 1;
  const moveTo = (index: number) => {
    const made = chart.current;
    const position = data[0][Math.min(last, Math.max(0, index))];
    if (made && position !== undefined) made.setCursor({ left: made.valToPos(position, 'x'), top: made.over.clientHeight / 2 });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const from = at ?? last;
    const stride = event.shiftKey ? Math.max(1, Math.round(last / 20)) : 1;
    const next = { ArrowLeft: from - stride, ArrowRight: from + stride, Home: 0, End: last }[event.key];
    if (event.key === 'Escape') chart.current?.setCursor({ left: -10, top: -10 });
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    moveTo(next);
  };
  const toggle = (key: string) =>
    setHidden((known) => new Set(known.has(key) ? [...known].filter((one) => one !== key) : [...known, key]));
  const index = at ?? last;
  const position = data[0][index];

  return (
    <div className={styles.chart}>
      <div className={styles.legend}>
        <span className={styles.position}>
          {position === undefined
            ? ''
            : at === null && props.grows !== false
              ? t('components.chart.newest', { position: sayX(position) })
              : sayX(position)}
        </span>
        {series.map((one, i) => {
          const curve = data[i + 1] as (number | null)[];
          const known = knownAt(curve, index);
          const value = known < 0 ? null : curve[known]!;
          const off = hidden.has(one.key);
          return (
            <button
              key={one.key}
              type="button"
              className={styles.entry}
              aria-pressed={!off}
              title={t(off ? 'components.chart.hidden' : 'components.chart.shown', { label: one.label })}
              onClick={() => toggle(one.key)}
            >
              <svg
                width="18"
                height="8"
                aria-hidden="true"
                style={{ color: one.color.startsWith('--') ? `var(${one.color})` : one.color }}
              >
                <line
                  x1="0"
                  x2="18"
                  y1="4"
                  y2="4"
                  stroke="currentColor"
                  strokeWidth={one.faint ? 1 : 2}
                  strokeOpacity={one.faint ? 0.5 : 1}
                  strokeDasharray={one.dash?.join(' ')}
                />
                {one.points && <circle cx="9" cy="4" r="2.5" fill="currentColor" />}
              </svg>
              {one.label}
              <strong>{value === null ? '–' : formatY(value)}</strong>
              {/* Of an earlier x than the others: said, lest it be taken for theirs. */}
              {known >= 0 && known < index && (
                <span className={styles.earlier}>{t('components.chart.earlier', { position: sayX(data[0][known]!) })}</span>
              )}
            </button>
          );
        })}
      </div>
      <div
        ref={frame}
        className={styles.frame}
        style={{ height }}
        role="group"
        aria-label={ariaLabel}
        tabIndex={0}
        onKeyDown={onKeyDown}
      />
      {last < 0 && <p className={styles.empty}>{props.empty ?? t('components.chart.empty')}</p>}
      {at !== null && (
        <p className={styles.spoken} role="status">
          {position !== undefined && sayX(position)}
        </p>
      )}
    </div>
  );
}
