// A live chart as shapes, for pictures that are not pixels: the same axes, curves and reference lines at the same places.
import type uPlot from 'uplot';
import { labelMiddles, LABEL_HEIGHT, type ChartSeries } from './chartData';
import type { Shape } from './figureMarks';
import { resolveColor } from './useTheme';

export interface ChartTick {
  readonly value: number;
  readonly text: string;
}

/** What stands at the axes. */
export interface ChartTicks {
  readonly x: ChartTick[];
  readonly y: ChartTick[];
}

/** The part of a chart's look that is drawn. */
interface Drawn {
  readonly series: readonly ChartSeries[];
  readonly references: readonly { readonly value: number; readonly label: string }[];
  readonly hidden: ReadonlySet<string>;
}

/** Radius of a dot that marks a value, CSS px. */
const DOT = 2.5;
const CORNERS = 12;

type Words = Omit<Extract<Shape, { readonly kind: 'text' }>, 'x' | 'y' | 'text' | 'kind'>;

/** In CSS px from the canvas' top left corner. */
export function chartShapes(chart: uPlot, { series, references, hidden }: Drawn, ticks: ChartTicks): Shape[] {
  const ratio = chart.ctx.canvas.width / chart.width;
  const left = chart.bbox.left / ratio;
  const top = chart.bbox.top / ratio;
  const within = { x: left, y: top, width: chart.bbox.width / ratio, height: chart.bbox.height / ratio };
  const [right, bottom] = [left + within.width, top + within.height];
  const across = (value: number): number => left + chart.valToPos(value, 'x');
  const down = (value: number): number => top + chart.valToPos(value, 'y');
  const words: Words = {
    color: resolveColor('--text-2'),
    size: 12,
    weight: '400',
    family: getComputedStyle(document.documentElement).getPropertyValue('--font'),
  };
  const line = (
    from: readonly [number, number],
    to: readonly [number, number],
    color: string,
    dash?: readonly number[],
  ): Shape => ({
    kind: 'path',
    points: [from, to],
    stroke: { color, width: 1, ...(dash && { dash }) },
  });
  const grid = resolveColor('--grid-line');
  const axes = [
    ...ticks.x.map(({ value }) => line([across(value), top], [across(value), bottom], grid)),
    ...ticks.y.map(({ value }) => line([left, down(value)], [right, down(value)], grid)),
    ...ticks.x.map(({ value, text }): Shape => ({
      kind: 'text',
      x: across(value),
      y: bottom + 12,
      anchor: 'middle',
      text,
      ...words,
    })),
    ...ticks.y.map(({ value, text }): Shape => ({ kind: 'text', x: left - 6, y: down(value), anchor: 'end', text, ...words })),
  ];
  const curves = series.flatMap((one, index) =>
    hidden.has(one.key)
      ? []
      : curveShapes(
          one,
          chart.data[0],
          chart.data[index + 1] ?? [],
          series.some((other) => other.x !== undefined),
          (x, y) => [across(x), down(y)],
        ).map((shape) => ({ ...shape, within })),
  );
  const { min: low = null, max: high = null } = chart.scales.y ?? {};
  const seen = references
    .filter(({ value }) => low !== null && high !== null && value >= low && value <= high)
    .map(({ value, label }) => ({ label, y: down(value) }))
    .sort((a, b) => a.y - b.y);
  const middles = labelMiddles(
    seen.map(({ y }) => y),
    0,
    LABEL_HEIGHT,
  );
  const halo = resolveColor('--surface');
  return [
    ...axes,
    ...curves,
    ...seen.map(({ y }) => line([left, y], [right, y], resolveColor('--text-3'), [4, 3])),
    ...seen.map(({ label }, at): Shape => ({
      kind: 'text',
      x: right - 2,
      y: middles[at]!,
      anchor: 'end',
      text: label,
      ...words,
      size: 11,
      halo,
    })),
  ];
}

type PathShape = Extract<Shape, { readonly kind: 'path' }>;

/** Its line, broken where a value is missing unless `spansGaps`, and its dots. */
function curveShapes(
  { color, width, faint, dash, points: hasDots }: ChartSeries,
  xs: ArrayLike<number>,
  ys: ArrayLike<number | null | undefined>,
  spansGaps: boolean,
  place: (x: number, y: number) => readonly [number, number],
): PathShape[] {
  const runs: (readonly [number, number])[][] = [[]];
  for (let at = 0; at < xs.length; at++) {
    const y = ys[at];
    if (y !== null && y !== undefined) runs.at(-1)!.push(place(xs[at]!, y));
    else if (!spansGaps && runs.at(-1)!.length > 0) runs.push([]);
  }
  const painted = resolveColor(color);
  const opacity = faint ? 0.35 : 1;
  const stroke = { color: painted, width: width ?? (faint ? 1 : 1.5), ...(dash && dash.length > 0 && { dash }) };
  const lines = runs.filter(({ length }) => length > 1).map((run): PathShape => ({ kind: 'path', points: run, stroke, opacity }));
  const dots = hasDots
    ? runs.flat().map(([x, y]): PathShape => ({ kind: 'path', points: circle(x, y), fill: painted, opacity }))
    : [];
  return [...lines, ...dots];
}

const circle = (x: number, y: number): (readonly [number, number])[] =>
  Array.from({ length: CORNERS }, (_, at) => {
    const angle = (2 * Math.PI * at) / CORNERS;
    return [x + DOT * Math.cos(angle), y + DOT * Math.sin(angle)];
  });
