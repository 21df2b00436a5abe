// Where an axis of training tokens is marked: at round numbers of tokens, whatever a step has of them.

/** The roundest first: where there is no room for all, they stay. */
const ROUND = [1, 5, 2] as const;
/** Of an end of the axis, for what rounding makes of a mark that stands on it. */
const SLACK = 1e-9;

interface TicksAsked {
  /** Tokens of a step. */
  readonly perStep: number;
  /** Ends of the axis, where its marks are to lie. */
  readonly low: number;
  readonly high: number;
  /** The least distance of two marks, on the axis. */
  readonly gap: number;
}

/** Marks on an axis of log(1 + step), ascending: 0 and powers of ten, between them fives and twos where they have room. */
export function logTicks({ perStep, low, high, gap }: TicksAsked): number[] {
  const most = Math.floor(Math.log10(perStep * Math.expm1(high)) + SLACK);
  const powers = Array.from({ length: Math.max(0, most + 1) }, (_, index) => 10 ** (most - index));
  const marks: number[] = [];
  for (const tokens of [0, ...ROUND.flatMap((digit) => powers.map((power) => digit * power))]) {
    const x = Math.log1p(tokens / perStep);
    const isWithin = x >= low - SLACK && x <= high + SLACK;
    if (isWithin && marks.every((other) => Math.abs(other - x) >= gap)) marks.push(x);
  }
  return marks.sort((a, b) => a - b);
}

/** Marks on an axis of steps, ascending and evenly apart: by 1, 2 or 5 × 10ⁿ tokens. */
export function linearTicks({ perStep, low, high, gap }: TicksAsked): number[] {
  const least = Math.max(1, gap * perStep);
  const power = 10 ** Math.floor(Math.log10(least));
  const stride = ([1, 2, 5].find((digit) => digit * power >= least) ?? 10) * power;
  const first = Math.ceil((low * perStep) / stride - SLACK);
  const last = Math.floor((high * perStep) / stride + SLACK);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => ((first + index) * stride) / perStep);
}
