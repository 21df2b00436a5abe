// Routing as counts: sorted assignments, totals of each expert, the sequence-wise loss and the step of the bias.
import { at } from './layout';
import { dot } from './rows';
import { pickLargest } from './router';

/** Stable counting sort. Returns the place of the first expert outside [0, E), or −1; `cursor` holds E counters. */
export function assignments(
  chosen: usize,
  offsets: usize,
  order: usize,
  position: usize,
  count: i32,
  E: i32,
  cursor: usize,
): i32 {
  memory.fill(offsets, 0, (<usize>(E + 1)) << 2);
  for (let a = 0; a < count; a++) {
    const expert = load<i32>(at(chosen, a));
    if (<u32>expert >= <u32>E) return a;
    const slot = at(offsets, expert + 1);
    store<i32>(slot, load<i32>(slot) + 1);
  }
  for (let e = 0; e < E; e++) {
    const start = load<i32>(at(offsets, e));
    store<i32>(at(cursor, e), start);
    store<i32>(at(offsets, e + 1), load<i32>(at(offsets, e + 1)) + start);
  }
  for (let a = 0; a < count; a++) {
    const next = at(cursor, load<i32>(at(chosen, a)));
    const row = load<i32>(next);
    store<i32>(next, row + 1);
    store<i32>(at(order, row), a);
    store<i32>(at(position, a), row);
  }
  return -1;
}

/** Row 0 the assignments of each expert, row 1 the sum of its weights. An expert outside [0, E) counts nowhere. */
export function expertTotals(chosen: usize, weights: usize, totals: usize, count: i32, E: i32): void {
  memory.fill(totals, 0, (<usize>(2 * E)) << 2);
  for (let a = 0; a < count; a++) {
    const expert = load<i32>(at(chosen, a));
    if (<u32>expert >= <u32>E) continue;
    const load0 = at(totals, expert);
    const mass = at(totals, E + expert);
    store<f32>(load0, load<f32>(load0) + 1);
    store<f32>(mass, load<f32>(mass) + load<f32>(at(weights, a)));
  }
}

/** Bytes of working memory: an expert's frequency and mark, a token's picks. */
export function sequenceBalanceWork(E: i32, K: i32): usize {
  return (<usize>(2 * E + K)) << 2;
}

/** f_i = E/(K·T)·#{t: i in TopK(s_t)} of one sequence, at the start of `work`. */
function frequencies(scores: usize, T: i32, E: i32, K: i32, work: usize): void {
  const marks = at(work, E);
  const picks = at(marks, E);
  memory.fill(work, 0, (<usize>E) << 2);
  for (let t = 0; t < T; t++) {
    pickLargest(at(scores, t * E), E, K, marks, picks);
    for (let k = 0; k < K; k++) {
      const slot = at(work, load<i32>(at(picks, k)));
      store<f32>(slot, load<f32>(slot) + 1);
    }
  }
  const unit: f32 = <f32>E / <f32>(K * T);
  for (let e = 0; e < E; e++) store<f32>(at(work, e), load<f32>(at(work, e)) * unit);
}

function sum(x: usize, count: i32): f32 {
  let total: f32 = 0;
  for (let i = 0; i < count; i++) total += load<f32>(at(x, i));
  return total;
}

export function sequenceBalance(scores: usize, out: usize, B: i32, T: i32, E: i32, K: i32, work: usize): void {
  for (let b = 0; b < B; b++) {
    let total: f64 = 0;
    const sequence = at(scores, b * T * E);
    frequencies(sequence, T, E, K, work);
    for (let t = 0; t < T; t++) {
      const s = at(sequence, t * E);
      total += <f64>dot(work, s, E) / <f64>sum(s, E);
    }
    store<f32>(at(out, b), <f32>(total / <f64>T));
  }
}

export function sequenceBalanceBackward(
  dLoss: usize,
  scores: usize,
  dScores: usize,
  B: i32,
  T: i32,
  E: i32,
  K: i32,
  work: usize,
): void {
  for (let b = 0; b < B; b++) {
    const d: f32 = load<f32>(at(dLoss, b)) / <f32>T;
    const sequence = at(scores, b * T * E);
    frequencies(sequence, T, E, K, work);
    for (let t = 0; t < T; t++) {
      const s = at(sequence, t * E);
      const out = at(dScores, (b * T + t) * E);
      const total = sum(s, E);
      const centre: f32 = dot(work, s, E) / total;
      for (let e = 0; e < E; e++) store<f32>(at(out, e), ((load<f32>(at(work, e)) - centre) / total) * d);
    }
  }
}

/** Row 0 of `totals` is the load; `control` holds at 2 whether the step counts. */
export function biasUpdate(
  totals: usize,
  bias: usize,
  control: usize,
  change: usize,
  next: usize,
  E: i32,
  speed: f32,
  proportional: bool,
  recentred: bool,
): void {
  let total: f64 = 0;
  for (let e = 0; e < E; e++) total += <f64>load<f32>(at(totals, e));
  const fairShare = <f32>(total / <f64>E);
  let moved: f64 = 0;
  for (let e = 0; e < E; e++) {
    const shortage: f32 = fairShare - load<f32>(at(totals, e));
    const sign: f32 = <f32>(i32(shortage > 0) - i32(shortage < 0));
    const step: f32 = (proportional ? shortage / fairShare : sign) * speed;
    store<f32>(at(change, e), step);
    moved += <f64>step;
  }
  const centre: f32 = recentred ? <f32>(moved / <f64>E) : 0;
  const finite = load<f32>(at(control, 2));
  for (let e = 0; e < E; e++) {
    const step: f32 = (load<f32>(at(change, e)) - centre) * finite;
    store<f32>(at(change, e), step);
    store<f32>(at(next, e), load<f32>(at(bias, e)) + step);
  }
}
