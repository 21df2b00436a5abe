// Positions on a slider and the values they stand for. A logarithmic slider that reaches zero keeps its first position for it.

export interface FieldScale {
  readonly min: number;
  readonly max: number;
  readonly scale: 'linear' | 'log';
  /** Distance between two values of a linear slider; integers use 1. */
  readonly step?: number;
  readonly integer?: boolean;
}

/** Positions of a logarithmic slider. */
export const LOG_POSITIONS = 240;

/** Smallest value above zero that a logarithmic slider from 0 offers. */
function floorOf({ min, max }: FieldScale): number {
  return min > 0 ? min : max * 1e-6;
}

/** Position, 0 to LOG_POSITIONS, of `value`. */
export function toLogPosition(value: number, field: FieldScale): number {
  const floor = floorOf(field);
  const reserved = field.min > 0 ? 0 : 1;
  if (value < floor) return 0;
  const share = Math.log(value / floor) / Math.log(field.max / floor);
  return reserved + Math.min(1, share) * (LOG_POSITIONS - reserved);
}

/** Value at `position`, rounded to two significant digits (or to an integer); the ends are exact. */
export function fromLogPosition(position: number, field: FieldScale): number {
  const floor = floorOf(field);
  const reserved = field.min > 0 ? 0 : 1;
  if (position <= 0) return field.min;
  if (position >= LOG_POSITIONS) return field.max;
  const value = floor * (field.max / floor) ** ((position - reserved) / (LOG_POSITIONS - reserved));
  const rounded = field.integer ? Math.round(value) : Number(value.toPrecision(2));
  return Math.min(field.max, Math.max(field.min, rounded));
}

/** A number as a person types it: digits, decimal point, exponent, spaces and thousands commas. NaN when it is none. */
export function parseTyped(text: string): number {
  const plain = text
    .trim()
    .replace(/[\s,_，]/g, '')
    .replace(/−/g, '-')
    .replace(/。/g, '.');
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
}

/** How a value stands in its input: as short as it can be without losing digits. */
export function typed(value: number): string {
  if (Number.isNaN(value)) return '';
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e9) ? value.toExponential() : String(value);
}
