// Rows × columns of live figures as colour. The values live in a buffer outside React; `version` says when to look again.
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { classes } from './classes';
import { packedScale, type ColorScale, type Domain } from './color';
import { cellAt, sameCell, walk, type CellRef } from './gridCursor';
import styles from './Heatmap.module.css';
import { drawHeatmap, heatmapBoxes, makeScratch } from './heatmapDraw';
import { tellShapes } from './figureMarks';
import { usePanelScale } from './panelScale';
import { ScaleLegend } from './ScaleLegend';
import { useText } from './TextContext';
import { useCanvas, useSize } from './useCanvas';
import { resolveColor, useTheme } from './useTheme';

export interface HeatmapProps {
  readonly rows: number;
  readonly columns: number;
  /** Row-major [rows, columns], or a getter; NaN is an empty cell. */
  readonly values: Float32Array | ((row: number, column: number) => number);
  /** Changes whenever the values do. */
  readonly version: number;
  readonly rowLabel: (row: number) => string;
  /** The column as spoken and read: 'Expert 5'. */
  readonly columnLabel: (column: number) => string;
  /** The column as a tick under the map; its number by default. */
  readonly columnTick?: (column: number) => string;
  /** Name of the column axis, e.g. 'Expert'. */
  readonly columnAxis?: string;
  /** Without ticks where another map below has the same axis. */
  readonly columnTicksHidden?: boolean;
  readonly scale: ColorScale;
  readonly domain: Domain;
  readonly format: (value: number) => string;
  /** What the middle of a diverging scale is; its value by default. */
  readonly middle?: string;
  /** A cell's value as it is read, where the colours show another; the formatted value by default. */
  readonly read?: (cell: CellRef) => string;
  readonly hovered: CellRef | null;
  readonly onHover: (cell: CellRef | null) => void;
  readonly selectedRow?: number | null;
  readonly selectedColumn?: number | null;
  readonly onSelect?: (cell: CellRef) => void;
  readonly ariaLabel: string;
  /** More about a cell for the reading line, after its value. */
  readonly detail?: (cell: CellRef) => string;
  /** CSS px; by default as many rows as fit into about 200 px, 5 to 26 px each. */
  readonly height?: number;
  /** Narrower cells make the map scroll inside its frame. CSS px. */
  readonly minCellWidth?: number;
  /** Room for the row labels, CSS px: the same for maps that share an axis. */
  readonly gutter?: number;
}

export function Heatmap(props: HeatmapProps) {
  const {
    rows,
    columns,
    values,
    rowLabel,
    columnLabel,
    columnTick = String,
    scale,
    domain,
    format,
    hovered,
    onHover,
    onSelect,
  } = props;
  const { selectedRow = null, selectedColumn = null, minCellWidth = 4, gutter = 64 } = props;
  const { t } = useText();
  const theme = useTheme();
  const cellId = useId();
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [scratch] = useState(makeScratch);
  const frameSize = useSize(frame);
  const height = (props.height ?? rows * Math.min(26, Math.max(5, 200 / Math.max(1, rows)))) * usePanelScale();
  const width = Math.max(frameSize.width - gutter, columns * minCellWidth);
  const colors = useMemo(() => packedScale(scale, theme), [scale, theme]);
  const value = typeof values === 'function' ? values : (row: number, column: number) => values[row * columns + column] ?? NaN;

  useCanvas(canvas, { width, height }, (context, deviceWidth, deviceHeight, ratio) =>
    drawHeatmap(context, deviceWidth, deviceHeight, ratio, {
      rows,
      columns,
      value,
      scale,
      domain,
      colors,
      gap: resolveColor('--cell-gap'),
      mark: resolveColor('--mark'),
      markOver: resolveColor('--mark-over'),
      hovered,
      selectedRow,
      selectedColumn,
      scratch,
    }),
  );

  useEffect(() => {
    if (canvas.current)
      tellShapes(canvas.current, (across, down) => heatmapBoxes(across, down, { rows, columns, value, scale, domain, theme }));
  });

  const point = (event: MouseEvent<HTMLElement>): CellRef | null => {
    const box = event.currentTarget.getBoundingClientRect();
    return cellAt((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height, rows, columns);
  };
  const hover = (cell: CellRef | null) => {
    if (!sameCell(cell, hovered)) onHover(cell);
  };
  const press = (event: KeyboardEvent<HTMLElement>) => {
    if ((event.key === 'Enter' || event.key === ' ') && hovered) {
      onSelect?.(hovered);
      event.preventDefault();
      return;
    }
    const next = walk(event.key, hovered, rows, columns);
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    hover(next);
  };
  const start: CellRef = { row: selectedRow ?? 0, column: selectedColumn ?? 0 };
  const inside = hovered && hovered.row < rows && hovered.column < columns ? hovered : null;
  const reading = inside
    ? t('components.heatmap.reading', {
        row: rowLabel(inside.row),
        column: columnLabel(inside.column),
        value: props.read?.(inside) ?? format(value(inside.row, inside.column)),
      }) + (props.detail ? ` · ${props.detail(inside)}` : '')
    : t('components.heatmap.rest');
  const rowStride = Math.max(1, Math.ceil(15 / (height / Math.max(1, rows))));
  const columnStride = strideFor(width / Math.max(1, columns));

  return (
    <div className={styles.heatmap}>
      <div className={styles.head}>
        <p className={inside ? styles.reading : styles.rest}>{reading}</p>
        <ScaleLegend scale={scale} low={format(domain[0])} middle={props.middle ?? format(domain[1])} high={format(domain[2])} />
      </div>
      <div ref={frame} className={styles.frame}>
        <div
          className={classes(styles.body, rowStride > 1 && styles.dense)}
          style={{ width: width + gutter, gridTemplateColumns: `${gutter}px ${width}px` }}
        >
          <div className={styles.rows} style={{ height }} aria-hidden="true">
            {Array.from({ length: Math.ceil(rows / rowStride) }, (_, i) => (
              <span key={i} style={{ top: `${((i * rowStride + 0.5) / rows) * 100}%` }}>
                {rowLabel(i * rowStride)}
              </span>
            ))}
          </div>
          <div className={styles.picture} style={{ width, height }}>
            <canvas ref={canvas} className={styles.canvas} aria-hidden="true" />
            <div
              className={styles.grid}
              role="grid"
              tabIndex={0}
              aria-label={props.ariaLabel}
              aria-rowcount={rows}
              aria-colcount={columns}
              aria-activedescendant={inside ? cellId : undefined}
              onPointerMove={(event) => hover(point(event))}
              onPointerLeave={() => hover(null)}
              onClick={(event) => {
                const cell = point(event);
                if (cell) onSelect?.(cell);
              }}
              onFocus={(event) => {
                if (event.currentTarget.matches(':focus-visible') && rows > 0 && columns > 0) hover(start);
              }}
              onBlur={() => hover(null)}
              onKeyDown={press}
            >
              <div role="row" aria-rowindex={(inside ?? start).row + 1} className={styles.spoken}>
                <span
                  role="gridcell"
                  id={cellId}
                  aria-colindex={(inside ?? start).column + 1}
                  aria-selected={inside !== null && inside.row === selectedRow && inside.column === selectedColumn}
                >
                  {reading}
                </span>
              </div>
            </div>
          </div>
          {!props.columnTicksHidden && (
            <>
              <span className={styles.axis}>{props.columnAxis}</span>
              <div className={styles.columns} aria-hidden="true">
                {Array.from({ length: Math.ceil(columns / columnStride) }, (_, i) => (
                  <span key={i} style={{ left: `${((i * columnStride + 0.5) / columns) * 100}%` }}>
                    {columnTick(i * columnStride)}
                  </span>
                ))}
              </div>
            </>
          )}
        </div>
      </div>
    </div>
  );
}

/** Columns between two ticks: 1, 2, 4, 8 … so that ticks stand at least 22 px apart. */
function strideFor(cellWidth: number): number {
  let stride = 1;
  while (stride * cellWidth < 22 && stride < 128) stride *= 2;
  return stride;
}
