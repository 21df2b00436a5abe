// Each expert's load beside the bias that answers it, with an arrow for the bias' coming change.
import { useEffect, useId, useRef, type KeyboardEvent, type MouseEvent } from 'react';
import { barPairsPlaces, canvasPen, drawBarPairs, shapesPen } from './barPairsDraw';
import styles from './BarPairs.module.css';
import { tellShapes, type Shape } from './figureMarks';
import { ReadingLine } from './ReadingLine';
import { cellAt, walk } from './gridCursor';
import { usePanelScale } from './panelScale';
import { useCanvas, useSize } from './useCanvas';
import { resolveColor, useTheme } from './useTheme';

export interface BarPairsProps {
  readonly experts: number;
  /** Relative load (1 is the fair share), [E]. */
  readonly load: ArrayLike<number>;
  /** [E]. */
  readonly bias: ArrayLike<number>;
  /** What is added to the bias for the next step, [E]. */
  readonly update: ArrayLike<number>;
  /** Changes whenever the values do. */
  readonly version: number;
  /** Names of the two axes, e.g. 'Load ÷ fair share' and 'Bias'. */
  readonly loadLabel: string;
  readonly biasLabel: string;
  /** E.g. 'fair share', at the line. */
  readonly fairLabel: string;
  readonly formatLoad: (value: number) => string;
  readonly formatBias: (value: number) => string;
  /** Top of the load axis and ends of the bias axis; by default what the values need. */
  readonly loadMax?: number;
  readonly biasMax?: number;
  /** Everything about one expert, for the reading line. */
  readonly describe: (expert: number) => string;
  readonly rest: string;
  readonly hovered: number | null;
  readonly onHover: (expert: number | null) => void;
  readonly selected?: number | null;
  readonly onSelect?: (expert: number) => void;
  readonly ariaLabel: string;
  /** CSS px. */
  readonly height?: number;
  readonly gutter?: number;
}

export function BarPairs(props: BarPairsProps) {
  const { experts, load, bias, update, hovered, onHover, onSelect, selected = null, gutter = 64 } = props;
  const height = (props.height ?? 180) * usePanelScale();
  const theme = useTheme();
  const cellId = useId();
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width } = useSize(frame);
  const loadMax = Math.max(1.2, props.loadMax ?? tidyTop(largest(load)));
  const biasMax = Math.max(1e-9, props.biasMax ?? tidyTop(largest(bias)));
  const picture = () => ({
    experts,
    load,
    bias,
    update,
    loadMax,
    biasMax,
    theme,
    colors: {
      text: resolveColor('--text'),
      line: resolveColor('--border'),
      mark: resolveColor('--text-2'),
      accent: resolveColor('--accent-soft'),
      halo: resolveColor('--surface'),
    },
    hovered,
    selected,
  });
  useCanvas(canvas, { width, height }, (context, w, h, ratio) => {
    context.clearRect(0, 0, w, h);
    drawBarPairs(canvasPen(context), w, h, ratio, picture());
  });
  useEffect(() => {
    if (!canvas.current) return;
    tellShapes(canvas.current, (across, down) => {
      const shapes: Shape[] = [];
      drawBarPairs(shapesPen(shapes), across, down, 1, picture());
      return shapes;
    });
  });
  const at = hovered !== null && hovered < experts ? hovered : null;
  const expertAt = (event: MouseEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return cellAt((event.clientX - box.left) / box.width, 0, 1, experts)?.column ?? null;
  };
  const hover = (expert: number | null) => {
    if (expert !== hovered) onHover(expert);
  };
  const press = (event: KeyboardEvent) => {
    const next = walk(event.key, at === null ? null : { row: 0, column: at }, 1, experts);
    if ((event.key === 'Enter' || event.key === ' ') && at !== null) onSelect?.(at);
    else if (next) hover(next.column);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const places = barPairsPlaces(height, 1);
  return (
    <div className={styles.pairs}>
      <ReadingLine resting={at === null}>{at === null ? props.rest : props.describe(at)}</ReadingLine>
      <div className={styles.body} style={{ gridTemplateColumns: `${gutter}px 1fr`, height }}>
        <div className={styles.axis} aria-hidden="true">
          <span style={{ top: places.loadTop }}>{props.formatLoad(loadMax)}</span>
          <span style={{ top: places.loadBottom - (places.loadBottom - places.loadTop) / loadMax }}>{props.fairLabel}</span>
          <span style={{ top: places.biasTop }}>{props.formatBias(biasMax)}</span>
          <span style={{ top: places.zero }}>0</span>
          <span style={{ top: places.biasBottom }}>{props.formatBias(-biasMax)}</span>
        </div>
        <div ref={frame} className={styles.frame}>
          <canvas ref={canvas} className={styles.canvas} aria-hidden="true" />
          <span className={styles.name}>{props.loadLabel}</span>
          <span className={styles.name} style={{ top: places.loadBottom + 3 }}>
            {props.biasLabel}
          </span>
          <div
            className={styles.grid}
            role="listbox"
            aria-orientation="horizontal"
            tabIndex={0}
            aria-label={props.ariaLabel}
            aria-activedescendant={at === null ? undefined : cellId}
            onPointerMove={(event) => hover(expertAt(event))}
            onPointerLeave={() => hover(null)}
            onClick={(event) => {
              const expert = expertAt(event);
              if (expert !== null) onSelect?.(expert);
            }}
            onFocus={(event) => {
              if (event.currentTarget.matches(':focus-visible') && experts > 0) hover(selected ?? 0);
            }}
            onBlur={() => hover(null)}
            onKeyDown={press}
          >
            <span id={cellId} role="option" aria-selected={at !== null && at === selected} className={styles.spoken}>
              {at === null ? props.rest : props.describe(at)}
            </span>
          </div>
        </div>
      </div>
    </div>
  );
}

function largest(values: ArrayLike<number>): number {
  let size = 0;
  for (let i = 0; i < values.length; i++) size = Math.max(size, Math.abs(values[i]!));
  return size;
}

/** The next 1, 1.5, 2, 3, 5 or 7 × 10ⁿ: an axis that does not tremble with its values. */
function tidyTop(value: number): number {
  if (!(value > 0)) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 1.5, 2, 3, 5, 7].find((step) => value <= step * power * 1.0001) ?? 10);
}
