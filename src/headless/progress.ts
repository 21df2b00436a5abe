// How far a run is, in one line.
import { formatDuration, formatFixed, formatInteger } from '../text/format';

/** Steps whose times are looked back at: long enough to be calm, short enough to notice a busy machine. */
const WINDOW = 20;

export class Pace {
  private readonly times: number[] = [];
  private last: number;

  /** @param now milliseconds */
  constructor(now: number) {
    this.last = now;
  }

  /** Milliseconds since the last call. */
  lap(now: number): number {
    const time = now - this.last;
    this.last = now;
    this.times.push(time);
    if (this.times.length > WINDOW) this.times.shift();
    return time;
  }

  /** Mean milliseconds of a recent step; NaN before the first. */
  get stepMs(): number {
    return this.times.reduce((sum, time) => sum + time, 0) / this.times.length;
  }
}

export interface ProgressFigures {
  readonly step: number;
  readonly steps: number;
  /** Nats a token. */
  readonly loss: number;
  readonly tokensPerStep: number;
  readonly stepMs: number;
}

/** E.g. `step 120/400 · loss 4.231 · 2,812 tokens/s · 1 min 12 s left`. */
export function progressLine({ step, steps, loss, tokensPerStep, stepMs }: ProgressFigures): string {
  const speed = formatInteger('en', (tokensPerStep / stepMs) * 1000);
  const left = formatDuration('en', (steps - step) * stepMs);
  return `step ${step}/${steps} · loss ${formatFixed('en', loss, 3)} · ${speed} tokens/s · ${left} left`;
}
