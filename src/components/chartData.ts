// What a live chart shows, and how curves with x values of their own come onto one x axis.

/** Of a reference line's label, CSS px. */
export const LABEL_HEIGHT = 12;

export interface Curve {
  readonly values: ArrayLike<number>;
  /** Its own x values, ascending; the chart's where absent. */
  readonly x?: ArrayLike<number>;
}

export interface ChartSeries extends Curve {
  readonly key: string;
  readonly label: string;
  /** CSS colour or custom property, e.g. 'var(--cat-1)' or '--accent'. */
  readonly color: string;
  readonly dash?: readonly number[];
  /** CSS px, 1.5 by default. */
  readonly width?: number;
  /** Recedes: raw values behind a smoothed curve. */
  readonly faint?: boolean;
  /** Marks each value with a dot. */
  readonly points?: boolean;
}

/** A horizontal line to compare with. */
export interface ChartReference {
  readonly value: number;
  readonly label: string;
  /** The y axis reaches it even when no curve does; otherwise it is drawn when it is in sight. */
  readonly fit?: boolean;
}

export type AlignedCurves = [x: number[], ...y: (number | null)[][]];

/**
 * Curves over the union of their x values, null where a curve has none. A value that is not finite is null, on a logarithmic axis
 * one that is not positive as well. Where `x` and `values` differ in length, the shorter counts.
 */
export function alignCurves(x: ArrayLike<number>, curves: readonly Curve[], logarithmic: boolean): AlignedCurves {
  const drawn = (value: number | undefined) =>
    value === undefined || !Number.isFinite(value) || (logarithmic && value <= 0) ? null : value;
  const axes = new Set(curves.map((curve) => curve.x ?? x));
  if (axes.size <= 1) {
    const axis = Array.from(curves[0]?.x ?? x);
    return [axis, ...curves.map(({ values }) => axis.map((_, i) => drawn(values[i])))];
  }
  const union = [...new Set([...axes].flatMap((axis) => Array.from(axis)))].sort((a, b) => a - b);
  const aligned = curves.map((curve) => {
    const own = curve.x ?? x;
    const length = Math.min(own.length, curve.values.length);
    let at = 0;
    return union.map((position) => {
      while (at < length && own[at]! < position) at++;
      return at < length && own[at] === position ? drawn(curve.values[at]) : null;
    });
  });
  return [union, ...aligned];
}

/** Index of the last value of a curve that is there, at or before `index`; −1 where there is none. */
export function knownAt(curve: readonly (number | null)[], index: number): number {
  let at = Math.min(index, curve.length - 1);
  while (at >= 0 && (curve[at] ?? null) === null) at--;
  return at;
}

/**
 * Middles of the labels of horizontal lines at `lines` (ascending, downwards): each above its line, or below it where the edge `top`
 * or another label is in the way. No label overlaps another.
 */
export function labelMiddles(lines: readonly number[], top: number, height: number): number[] {
  const distance = (2 / 3) * height;
  let free = top;
  return lines.map((line) => {
    const above = line - distance;
    const middle = above - height / 2 >= free ? above : Math.max(line + distance, free + height / 2);
    free = middle + height / 2;
    return middle;
  });
}
