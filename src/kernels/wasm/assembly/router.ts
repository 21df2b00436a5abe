// The router in one pass over the tokens. Its comparisons are those of the definition: the larger first, the lower index among equals.
import { at } from './layout';
import { sigmoid1, sigmoid4 } from './math';

const EXCLUDED: f32 = -1e30;
const WEIGHT_FLOOR: f32 = 1e-20;

/** Bytes of working memory: biased and unbiased choice scores, marks, picks. */
export function routerWork(E: i32, K: i32): usize {
  return (<usize>(3 * E + K + 1)) << 2;
}

/** The `count` largest of E values, largest first, into `picks`; `marks` says of each value whether it was picked. */
export function pickLargest(values: usize, E: i32, count: i32, marks: usize, picks: usize): void {
  memory.fill(marks, 0, (<usize>E) << 2);
  for (let k = 0; k < count; k++) {
    let best = -1;
    let most: f32 = 0;
    for (let e = 0; e < E; e++) {
      if (load<i32>(at(marks, e))) continue;
      const value = load<f32>(at(values, e));
      if (best < 0 || value > most) {
        best = e;
        most = value;
      }
    }
    store<i32>(at(marks, best), 1);
    store<i32>(at(picks, k), best);
  }
}

/** The sum of the two largest of `size` values (of the one, if there is one). */
function topTwo(values: usize, size: i32): f32 {
  let first = load<f32>(values);
  if (size == 1) return first;
  let second = load<f32>(at(values, 1));
  if (second > first) {
    const swap = first;
    first = second;
    second = swap;
  }
  for (let i = 2; i < size; i++) {
    const value = load<f32>(at(values, i));
    if (value > first) {
      second = first;
      first = value;
    } else if (value > second) {
      second = value;
    }
  }
  return first + second;
}

/** Writes EXCLUDED over every group but the best `topGroups`: a group is kept if fewer than that many come before it. */
function keepTopGroups(choice: usize, groupScores: usize, E: i32, groups: i32, topGroups: i32): void {
  const size = E / groups;
  for (let g = 0; g < groups; g++) store<f32>(at(groupScores, g), topTwo(at(choice, g * size), size));
  for (let g = 0; g < groups; g++) {
    const own = load<f32>(at(groupScores, g));
    let before = 0;
    for (let other = 0; other < groups; other++) {
      const score = load<f32>(at(groupScores, other));
      if (score > own || (score == own && other < g)) before++;
    }
    if (before < topGroups) continue;
    for (let i = 0; i < size; i++) store<f32>(at(choice, g * size + i), EXCLUDED);
  }
}

/** `offsetStep`, `contributionStep` and `givenStep` are the length of a row, or 0 where one row serves every token. */
export function router(
  logits: usize,
  choiceOffset: usize,
  offsetStep: i32,
  contribution: usize,
  contributionStep: i32,
  given: usize,
  givenStep: i32,
  weights: usize,
  chosen: usize,
  scores: usize,
  diagnostics: usize,
  N: i32,
  E: i32,
  K: i32,
  groups: i32,
  topGroups: i32,
  normalise: bool,
  scale: f32,
  work: usize,
): void {
  const choice = work;
  const unbiased = at(choice, E);
  const marks = at(unbiased, E);
  const picks = at(marks, E);
  for (let n = 0; n < N; n++) {
    const score = at(scores, n * E);
    sigmoidRow(at(logits, n * E), score, E);
    const offset = at(choiceOffset, n * offsetStep);
    for (let e = 0; e < E; e++) store<f32>(at(choice, e), load<f32>(at(score, e)) + load<f32>(at(offset, e)));
    memory.copy(unbiased, score, (<usize>E) << 2);
    if (groups > 1) {
      // The marks are free here and serve as the groups' scores.
      keepTopGroups(choice, marks, E, groups, topGroups);
      keepTopGroups(unbiased, marks, E, groups, topGroups);
    }
    pickLargest(choice, E, min(K + 1, E), marks, picks);
    const last = load<f32>(at(choice, load<i32>(at(picks, K - 1))));
    const margin: f32 = E > K ? last - load<f32>(at(choice, load<i32>(at(picks, K)))) : 0;
    const outside = at(given, n * givenStep);
    memory.copy(at(chosen, n * K), load<i32>(outside) >= 0 ? outside : picks, (<usize>K) << 2);
    // The biased scores are spent: their place takes the unbiased picks, of which only the marks are read.
    pickLargest(unbiased, E, K, marks, choice);
    let changed: f32 = 0;
    for (let k = 0; k < K; k++) if (!load<i32>(at(marks, load<i32>(at(picks, k))))) changed += 1;
    store<f32>(at(diagnostics, 2 * n), margin);
    store<f32>(at(diagnostics, 2 * n + 1), changed);
    weigh(score, at(chosen, n * K), at(contribution, n * contributionStep), at(weights, n * K), K, normalise, scale);
  }
}

function sigmoidRow(x: usize, out: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) v128.store(at(out, i), sigmoid4(v128.load(at(x, i))));
  for (; i < count; i++) store<f32>(at(out, i), sigmoid1(load<f32>(at(x, i))));
}

/** The sum of the scores at the chosen experts. */
function chosenSum(score: usize, chosen: usize, K: i32): f32 {
  let total: f32 = 0;
  for (let k = 0; k < K; k++) total += load<f32>(at(score, load<i32>(at(chosen, k))));
  return total + WEIGHT_FLOOR;
}

function weigh(score: usize, chosen: usize, contribution: usize, weights: usize, K: i32, normalise: bool, scale: f32): void {
  const total: f32 = normalise ? chosenSum(score, chosen, K) : 1;
  for (let k = 0; k < K; k++) {
    const expert = load<i32>(at(chosen, k));
    store<f32>(at(weights, k), (load<f32>(at(score, expert)) / total) * scale * load<f32>(at(contribution, expert)));
  }
}

export function routerBackward(
  dWeights: usize,
  dScores: usize,
  contribution: usize,
  contributionStep: i32,
  chosen: usize,
  scores: usize,
  dLogits: usize,
  N: i32,
  E: i32,
  K: i32,
  normalise: bool,
  scale: f32,
): void {
  for (let n = 0; n < N; n++) {
    const score = at(scores, n * E);
    const picks = at(chosen, n * K);
    const out = at(dLogits, n * E);
    const share = at(contribution, n * contributionStep);
    memory.copy(out, at(dScores, n * E), (<usize>E) << 2);
    const total: f32 = normalise ? chosenSum(score, picks, K) : 1;
    let projection: f32 = 0;
    for (let k = 0; normalise && k < K; k++) {
      const expert = load<i32>(at(picks, k));
      projection += load<f32>(at(dWeights, n * K + k)) * load<f32>(at(share, expert)) * scale * load<f32>(at(score, expert));
    }
    projection /= total;
    for (let k = 0; k < K; k++) {
      const expert = load<i32>(at(picks, k));
      const a: f32 = load<f32>(at(dWeights, n * K + k)) * load<f32>(at(share, expert)) * scale;
      store<f32>(at(out, expert), load<f32>(at(out, expert)) + (a - projection) / total);
    }
    for (let e = 0; e < E; e++) {
      const s = load<f32>(at(score, e));
      store<f32>(at(out, e), load<f32>(at(out, e)) * (s * (1 - s)));
    }
  }
}
