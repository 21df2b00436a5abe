// How a live chart looks, in uPlot's terms: axes, curves, reference lines, cursor.
import uPlot from 'uplot';
import { LABEL_HEIGHT, labelMiddles, type ChartReference, type ChartSeries } from './chartData';
import { chartShapes, type ChartTick, type ChartTicks } from './chartShapes';
import { tellShapes } from './figureMarks';
import { resolveColor } from './useTheme';

/** What a mark of the x axis has for its label, CSS px. */
const X_SPACE = 56;

export interface ChartLook {
  readonly series: readonly ChartSeries[];
  readonly references: readonly ChartReference[];
  readonly xScale: 'linear' | 'log';
  readonly yScale: 'linear' | 'log';
  readonly xRange: readonly [number, number] | undefined;
  readonly xTicks: ((low: number, high: number, gap: number) => readonly number[]) | undefined;
  readonly yRange: readonly [number | null, number | null] | undefined;
  readonly syncKey: string | undefined;
  readonly formatX: (value: number) => string;
  readonly formatY: (value: number) => string;
  readonly hidden: ReadonlySet<string>;
}

/**
 * A chart inside `target`. `look` is asked at every drawing, so references and ranges may change without a new chart;
 * `onCursor` hears the index under the cursor, null when it leaves.
 */
export function makeChart(
  target: HTMLElement,
  size: { readonly width: number; readonly height: number },
  look: () => ChartLook,
  data: uPlot.AlignedData,
  onCursor: (index: number | null) => void,
): uPlot {
  const { series, xScale, xTicks, yScale, syncKey, hidden } = look();
  const font = `12px ${getComputedStyle(document.documentElement).getPropertyValue('--font')}`;
  const text = resolveColor('--text-2');
  const line = resolveColor('--grid-line');
  const axis: uPlot.Axis = { stroke: text, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  const ticks: ChartTicks = { x: [], y: [] };
  const chart = new uPlot(
    {
      ...size,
      // Without points the x axis is left out, and the lowest label of the y axis stands where it would be.
      padding: [LABEL_HEIGHT, 20, ({ scales }) => ((scales.x?.min ?? null) === null ? LABEL_HEIGHT : 0), 0],
      legend: { show: false },
      scales: {
        x: {
          time: false,
          distr: xScale === 'log' ? 3 : 1,
          ...(look().xRange && { range: (_, low) => xEnds(look(), low) }),
        },
        y: { distr: yScale === 'log' ? 3 : 1, range: (_, low, high) => yEnds(look(), low, high) },
      },
      axes: [
        {
          ...axis,
          size: 24,
          gap: 4,
          space: X_SPACE,
          ...(xTicks && { splits: (chart, _, low, high) => xMarks(chart, look(), low, high) }),
          values: (_, splits) => named(ticks.x, splits, look().formatX),
        },
        {
          ...axis,
          size: 52,
          gap: 6,
          space: 22,
          values: (_, splits) => named(ticks.y, splits, look().formatY),
        },
      ],
      series: [
        {},
        ...series.map((one): uPlot.Series => ({
          label: one.label,
          scale: 'y',
          show: !hidden.has(one.key),
          stroke: resolveColor(one.color),
          width: one.width ?? (one.faint ? 1 : 1.5),
          alpha: one.faint ? 0.35 : 1,
          ...(one.dash && one.dash.length > 0 ? { dash: [...one.dash] } : {}),
          spanGaps: series.some((other) => other.x !== undefined),
          points: one.points ? { show: true, size: 5, fill: resolveColor(one.color) } : { show: false },
        })),
      ],
      cursor: {
        drag: { x: false, y: false },
        y: false,
        points: { size: 6 },
        ...(syncKey === undefined ? {} : { sync: { key: syncKey, scales: ['x', null] as [string, null] } }),
      },
      hooks: {
        setCursor: [(chart) => onCursor(chart.cursor.idx ?? null)],
        draw: [(chart) => drawReferences(chart, look().references, font)],
      },
    },
    data,
    target,
  );
  tellShapes(chart.ctx.canvas, () => chartShapes(chart, look(), ticks));
  return chart;
}

/** The ends that are asked for; without points there is no x axis. */
const xEnds = ({ xRange }: ChartLook, dataLow: number | null): uPlot.Range.MinMax =>
  dataLow === null || !xRange ? [null, null] : [...xRange];

function xMarks(chart: uPlot, { xTicks }: ChartLook, low: number, high: number): number[] {
  const width = Math.max(1, chart.bbox.width / uPlot.pxRatio);
  return [...(xTicks?.(low, high, ((high - low) * X_SPACE) / width) ?? [])];
}

/** The words of an axis at its `splits`, noted in `ticks`. */
function named(ticks: ChartTick[], splits: readonly (number | null)[], format: (value: number) => string): string[] {
  const words = splits.map((value) => (value === null ? '' : format(value)));
  ticks.splice(0, ticks.length, ...splits.flatMap((value, at) => (value === null ? [] : [{ value, text: words[at]! }])));
  return words;
}

/** Ends of the y axis: the data with some air, references that must fit, and the ends that are asked for. */
function yEnds({ references, yScale, yRange }: ChartLook, dataLow: number | null, dataHigh: number | null): [number, number] {
  const wanted = references
    .filter((reference) => reference.fit && Number.isFinite(reference.value))
    .map((reference) => reference.value);
  let low = Math.min(dataLow ?? Infinity, ...wanted);
  let high = Math.max(dataHigh ?? -Infinity, ...wanted);
  if (!(high >= low)) [low, high] = yScale === 'log' ? [0.1, 1] : [0, 1];
  if (yScale === 'log') {
    low /= 1.2;
    high *= 1.2;
  } else {
    const air = high > low ? (high - low) * 0.06 : Math.max(Math.abs(high) * 0.1, 1e-6);
    low -= air;
    high += air;
  }
  return [yRange?.[0] ?? low, yRange?.[1] ?? high];
}

function drawReferences(chart: uPlot, references: readonly ChartReference[], font: string): void {
  const { ctx, bbox } = chart;
  const px = uPlot.pxRatio;
  const low = chart.scales.y?.min ?? NaN;
  const high = chart.scales.y?.max ?? NaN;
  const right = bbox.left + bbox.width;
  ctx.save();
  ctx.font = font.replace(/^12px/, `${11 * px}px`);
  ctx.textAlign = 'right';
  ctx.textBaseline = 'middle';
  ctx.lineJoin = 'round';
  const lines = references
    .filter(({ value }) => value >= low && value <= high)
    .map(({ value, label }) => ({ label, y: Math.round(chart.valToPos(value, 'y', true)) + 0.5 }))
    .sort((a, b) => a.y - b.y);
  const middles = labelMiddles(
    lines.map(({ y }) => y),
    0,
    LABEL_HEIGHT * px,
  );
  ctx.setLineDash([4 * px, 3 * px]);
  ctx.lineWidth = px;
  ctx.strokeStyle = resolveColor('--text-3');
  for (const { y } of lines) {
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(right, y);
    ctx.stroke();
  }
  ctx.setLineDash([]);
  ctx.lineWidth = 3 * px;
  ctx.strokeStyle = resolveColor('--surface');
  ctx.fillStyle = resolveColor('--text-2');
  for (const [index, { label }] of lines.entries()) {
    ctx.strokeText(label, right - 2 * px, middles[index]!);
    ctx.fillText(label, right - 2 * px, middles[index]!);
  }
  ctx.restore();
}
