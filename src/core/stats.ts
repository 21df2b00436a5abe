// Plain numbers about plain numbers.

export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}

export function mean(values: ArrayLike<number>): number {
  return values.length === 0 ? NaN : sum(values) / values.length;
}

export function max(values: ArrayLike<number>): number {
  let largest = -Infinity;
  for (let i = 0; i < values.length; i++) if (values[i]! > largest) largest = values[i]!;
  return largest;
}

/** Entropy in nats of counts taken as shares; 0 for an empty or single-cell distribution. */
export function entropy(counts: ArrayLike<number>): number {
  const total = sum(counts);
  if (total <= 0) return 0;
  let nats = 0;
  for (let i = 0; i < counts.length; i++) {
    const share = counts[i]! / total;
    if (share > 0) nats -= share * Math.log(share);
  }
  return nats;
}

/** Exponential moving average with the start-up bias removed: value_t = m_t / (1 − decay^t). */
export class MovingAverage {
  private average = 0;
  private weight = 0;
  private readonly decay: number;

  constructor(decay: number) {
    this.decay = decay;
  }

  push(value: number): number {
    this.average = this.decay * this.average + (1 - this.decay) * value;
    this.weight = this.decay * this.weight + (1 - this.decay);
    return this.average / this.weight;
  }
}
