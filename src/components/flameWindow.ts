// Which part of the time a flame picture shows, and where one span leads to by key: the arithmetic of its pointer and keyboard.

/** A span of a flame picture. Spans of one row do not overlap. */
export interface FlameSpan {
  /** From 0, the uppermost. */
  readonly row: number;
  readonly start: number;
  readonly end: number;
}

/** The time in sight, in the unit of the spans. */
export interface TimeWindow {
  readonly from: number;
  readonly until: number;
}

/** The smallest part of the whole that can fill the picture. */
const CLOSEST = 1 / 2000;

function fitted(from: number, length: number, total: number): TimeWindow {
  const shown = Math.min(total, Math.max(total * CLOSEST, length));
  const start = Math.min(total - shown, Math.max(0, from));
  return { from: start, until: start + shown };
}

/** `window` with `factor` times as much time in it (below 1: nearer); the moment `around` stays where it is. */
export function zoomed({ from, until }: TimeWindow, factor: number, around: number, total: number): TimeWindow {
  const length = Math.min(total, Math.max(total * CLOSEST, (until - from) * factor));
  const share = (around - from) / (until - from);
  return fitted(around - share * length, length, total);
}

/** `window` moved by `share` of its length, as far as there is time. */
export function moved({ from, until }: TimeWindow, share: number, total: number): TimeWindow {
  const length = until - from;
  return fitted(from + share * length, length, total);
}

/** The window that `span` fills, with a little of what is beside it. */
export function around({ start, end }: Omit<FlameSpan, 'row'>, total: number): TimeWindow {
  const margin = (end - start) * 0.05;
  return fitted(start - margin, end - start + 2 * margin, total);
}

/** `window` moved no further than it takes to have `span`, or its beginning, in sight. */
export function showing(window: TimeWindow, { start, end }: Omit<FlameSpan, 'row'>, total: number): TimeWindow {
  const length = window.until - window.from;
  if (start >= window.from && end <= window.until) return window;
  return fitted(end - start >= length || start < window.from ? start : end - length, length, total);
}

/** Index of the span at a moment of a row; −1 where none is. */
export function spanAt(spans: readonly FlameSpan[], row: number, time: number): number {
  return spans.findIndex((span) => span.row === row && time >= span.start && time < span.end);
}

/** Where `key` leads from span `from` (−1: nowhere yet): along the row, or to what is at the same time in the next row. −1: nowhere. */
export function nextSpan(spans: readonly FlameSpan[], from: number, key: string): number {
  const here = spans[from];
  if (!here) return key.startsWith('Arrow') && spans.length > 0 ? 0 : -1;
  const inRow = (row: number): number[] =>
    [...spans.keys()].filter((index) => spans[index]!.row === row).sort((a, b) => spans[a]!.start - spans[b]!.start);
  const row = inRow(here.row);
  const place = row.indexOf(from);
  switch (key) {
    case 'ArrowLeft':
      return row[place - 1] ?? from;
    case 'ArrowRight':
      return row[place + 1] ?? from;
    case 'Home':
      return row[0]!;
    case 'End':
      return row.at(-1)!;
    case 'ArrowUp':
    case 'ArrowDown': {
      const step = key === 'ArrowUp' ? -1 : 1;
      const rows = [...new Set(spans.map((span) => span.row))].sort((a, b) => a - b);
      const other = rows[rows.indexOf(here.row) + step];
      if (other === undefined) return from;
      const middle = (here.start + here.end) / 2;
      const distance = (index: number): number => Math.max(spans[index]!.start - middle, middle - spans[index]!.end, 0);
      return inRow(other).reduce((nearest, index) => (distance(index) < distance(nearest) ? index : nearest));
    }
    default:
      return -1;
  }
}

/** Round moments to label between the ends of `window`, about `count` of them. */
export function ticks({ from, until }: TimeWindow, count: number): number[] {
  const rough = (until - from) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.floor(until / step) - first + 1 }, (_, index) => (first + index) * step);
}
