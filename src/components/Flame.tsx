// Spans of time as rows of blocks, one above what it is made of. Wheel, drag and keys zoom and move; a block that is pressed fills the picture.
import { useEffect, useId, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { Button, IconButton } from './Button';
import { classes } from './classes';
import styles from './Flame.module.css';
import { drawFlame, type DrawnSpan } from './flameDraw';
import { around, moved, nextSpan, showing, spanAt, ticks, zoomed, type TimeWindow } from './flameWindow';
import { usePanelScale } from './panelScale';
import { useText } from './TextContext';
import { useCanvas, useSize } from './useCanvas';
import { useTheme } from './useTheme';

interface FlameProps {
  readonly spans: readonly DrawnSpan[];
  /** Names of the rows; '' where a row belongs to the one above. */
  readonly rows: readonly string[];
  /** Length of the whole, in the unit of the spans. */
  readonly total: number;
  /** A span in words, for the reading line and for readers. */
  readonly describe: (index: number) => string;
  /** A moment on the axis. @param digits decimals that tell neighbouring ticks apart */
  readonly formatTime: (time: number, digits: number) => string;
  /** Kinds of spans and their colours. */
  readonly legend: readonly { readonly label: string; readonly color: string }[];
  readonly ariaLabel: string;
}

const ROW = 24;
const GUTTER = 84;
const STEP = 0.6;
/** Movement of a pressed pointer that is a drag and no press, CSS px. */
const DRAG_FROM = 4;

export function Flame({ spans, rows, total, describe, formatTime, legend, ariaLabel }: FlameProps) {
  const { t } = useText();
  useTheme();
  const optionId = useId();
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSize(frame);
  const rowHeight = ROW * Math.min(1.6, usePanelScale());
  const height = rows.length * rowHeight;
  const width = Math.max(0, size.width - GUTTER);
  // Kept as shares of the whole, so that the window stays while steps of other lengths come and go.
  const [shares, setShares] = useState<TimeWindow>({ from: 0, until: 1 });
  const [pointed, setLit] = useState(-1);
  const lit = pointed < spans.length ? pointed : -1;
  const window: TimeWindow = { from: shares.from * total, until: shares.until * total };
  const show = (next: TimeWindow): void => setShares({ from: next.from / total, until: next.until / total });
  const isWhole = shares.from <= 0 && shares.until >= 1;
  const moments = total > 0 ? ticks(window, Math.max(2, width / 90)) : [];
  const digits = moments.length > 1 ? Math.max(0, -Math.floor(Math.log10(moments[1]! - moments[0]!) + 1e-9)) : 1;

  useCanvas(canvas, { width, height }, (context, deviceWidth, deviceHeight, ratio) =>
    drawFlame(context, deviceWidth, deviceHeight, ratio, {
      spans,
      rows: rows.length,
      window,
      lit,
      rowHeight,
      gridlines: moments,
    }),
  );

  const timeAt = (clientX: number, box: DOMRect): number =>
    window.from + ((clientX - box.left) / box.width) * (window.until - window.from);
  const pick = (event: PointerEvent<HTMLElement>): number => {
    const box = event.currentTarget.getBoundingClientRect();
    return spanAt(spans, Math.floor((event.clientY - box.top) / rowHeight), timeAt(event.clientX, box));
  };
  const drag = useRef<{ readonly x: number; readonly from: TimeWindow; isDrag: boolean } | null>(null);
  const point = (event: PointerEvent<HTMLElement>): void => {
    const held = drag.current;
    if (!held) return setLit(pick(event));
    const distance = event.clientX - held.x;
    held.isDrag ||= Math.abs(distance) > DRAG_FROM;
    if (held.isDrag) show(moved(held.from, -distance / event.currentTarget.getBoundingClientRect().width, total));
  };
  const release = (event: PointerEvent<HTMLElement>): void => {
    const wasDrag = drag.current?.isDrag ?? true;
    drag.current = null;
    const index = pick(event);
    if (!wasDrag && index >= 0) show(around(spans[index]!, total));
  };
  const zoom = (factor: number): void => {
    const span = spans[lit];
    show(zoomed(window, factor, span ? (span.start + span.end) / 2 : (window.from + window.until) / 2, total));
  };
  const press = (event: KeyboardEvent<HTMLElement>): void => {
    const done = act(event.key, event.shiftKey);
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const act = (key: string, shift: boolean): boolean => {
    if (key === '+' || key === '=') return (zoom(STEP), true);
    if (key === '-') return (zoom(1 / STEP), true);
    if (key === '0') return (setShares({ from: 0, until: 1 }), true);
    if (shift && (key === 'ArrowLeft' || key === 'ArrowRight'))
      return (show(moved(window, key === 'ArrowLeft' ? -0.25 : 0.25, total)), true);
    if (key === 'Escape' && !isWhole) return (setShares({ from: 0, until: 1 }), true);
    if ((key === 'Enter' || key === ' ') && spans[lit]) return (show(around(spans[lit], total)), true);
    const next = nextSpan(spans, lit, key);
    if (next < 0) return false;
    setLit(next);
    show(showing(window, spans[next]!, total));
    return true;
  };

  // React listens for wheels passively, and a passive listener cannot keep the page from scrolling.
  const surface = useRef<HTMLDivElement>(null);
  const wheel = useRef<(event: WheelEvent) => void>(() => undefined);
  useEffect(() => {
    wheel.current = (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
      show(zoomed(window, 1.002 ** event.deltaY, timeAt(event.clientX, box), total));
    };
  });
  useEffect(() => {
    const target = surface.current;
    const listen = (event: WheelEvent): void => wheel.current(event);
    target?.addEventListener('wheel', listen, { passive: false });
    return () => target?.removeEventListener('wheel', listen);
  }, []);

  const reading = lit >= 0 ? describe(lit) : t('components.flame.rest');
  return (
    <div className={styles.flame}>
      <div className={styles.head}>
        <p className={classes(styles.reading, lit < 0 && styles.rest)}>{reading}</p>
        <div className={styles.tools} data-export="no">
          <IconButton icon="zoomIn" size="s" label={t('components.flame.nearer')} shortcut="+" onPress={() => zoom(STEP)} />
          <IconButton
            icon="zoomOut"
            size="s"
            label={t('components.flame.farther')}
            shortcut="−"
            isDisabled={isWhole}
            onPress={() => zoom(1 / STEP)}
          />
          <Button size="s" tone="quiet" isDisabled={isWhole} onPress={() => setShares({ from: 0, until: 1 })}>
            {t('components.flame.whole')}
          </Button>
        </div>
      </div>
      <div ref={frame} className={styles.frame}>
        <div className={styles.rows} style={{ width: GUTTER, height }} aria-hidden="true">
          {rows.map((label, row) => (
            <span key={row} style={{ top: row * rowHeight, lineHeight: `${rowHeight - 2}px` }}>
              {label}
            </span>
          ))}
        </div>
        <div className={styles.picture} style={{ width, height }}>
          <canvas ref={canvas} className={styles.canvas} aria-hidden="true" />
          <div
            ref={surface}
            className={styles.surface}
            role="listbox"
            tabIndex={0}
            aria-label={ariaLabel}
            aria-activedescendant={lit >= 0 ? optionId : undefined}
            onPointerMove={point}
            onPointerDown={(event) => {
              if (event.button !== 0) return;
              drag.current = { x: event.clientX, from: window, isDrag: false };
              event.currentTarget.setPointerCapture(event.pointerId);
            }}
            onPointerUp={release}
            onPointerCancel={() => (drag.current = null)}
            onPointerLeave={() => !drag.current && setLit(-1)}
            onFocus={(event) => event.currentTarget.matches(':focus-visible') && spans.length > 0 && setLit(Math.max(0, lit))}
            onBlur={() => setLit(-1)}
            onKeyDown={press}
          >
            <div
              role="option"
              id={optionId}
              aria-selected={false}
              aria-posinset={lit + 1 || 1}
              aria-setsize={spans.length}
              className={styles.spoken}
            >
              {reading}
            </div>
          </div>
        </div>
        <div className={styles.axis} style={{ marginInlineStart: GUTTER, width }} aria-hidden="true">
          {moments.map((time) => (
            <span key={time} style={{ left: `${((time - window.from) / (window.until - window.from)) * 100}%` }}>
              {formatTime(time, digits)}
            </span>
          ))}
        </div>
      </div>
      <p className={styles.legend}>
        {legend.map(({ label, color }) => (
          <span key={label} className={styles.entry}>
            <span className={styles.swatch} style={{ background: color }} />
            {label}
          </span>
        ))}
      </p>
    </div>
  );
}
