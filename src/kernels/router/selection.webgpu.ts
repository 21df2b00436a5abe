// WGSL that finds a token's experts, shared by every program that has to know them.

/** What the selection is compiled for. */
export type Selection = { groups: number; topGroups: number; biased: boolean };

/** A group's score is the sum of its two largest values; it is kept if fewer than topGroups others stand before it. */
const groupFunctions = (groups: number, topGroups: number) => `
var<private> groupKept: array<bool, ${groups}>;
fn groupScore(n: i32, group: i32, biased: bool) -> f32 {
  let size = uniforms.experts / ${groups};
  var first = -1e30;
  var second = -1e30;
  for (var e = group * size; e < (group + 1) * size; e++) {
    let value = rawValue(n, e, biased);
    if (value > first) { second = first; first = value; } else if (value > second) { second = value; }
  }
  return first + select(0.0, second, size > 1);
}
fn keepGroups(n: i32, biased: bool) {
  var score: array<f32, ${groups}>;
  for (var g = 0; g < ${groups}; g++) { score[g] = groupScore(n, g, biased); }
  for (var g = 0; g < ${groups}; g++) {
    var ahead = 0;
    for (var other = 0; other < ${groups}; other++) {
      if (score[other] > score[g] || (score[other] == score[g] && other < g)) { ahead++; }
    }
    groupKept[g] = ahead < ${topGroups};
  }
}`;

/**
 * Declares `keepGroups(n, biased)`, to be called before `valueOf(n, e, biased)`, `nextBest` and `rankOf`.
 * Reads the inputs `scores` [N, E] and, where `biased`, `choiceOffset` with the uniform `offsetStride` (0 or E).
 */
export function selectionFunctions({ groups, topGroups, biased }: Selection): string {
  const grouped = groups > 1;
  return `
fn rawValue(n: i32, e: i32, biased: bool) -> f32 {
  let score = scores[n * uniforms.experts + e];
  ${biased ? 'if (biased) { return score + choiceOffset[n * uniforms.offsetStride + e]; }' : ''}
  return score;
}
${grouped ? groupFunctions(groups, topGroups) : 'fn keepGroups(n: i32, biased: bool) {}'}
fn valueOf(n: i32, e: i32, biased: bool) -> f32 {
  ${grouped ? `if (!groupKept[e / (uniforms.experts / ${groups})]) { return -1e30; }` : ''}
  return rawValue(n, e, biased);
}
// The best expert after (value, expert) in the order of choice: larger values first, then lower indices.
fn nextBest(n: i32, value: f32, expert: i32, biased: bool) -> i32 {
  var best = -1;
  var bestValue = 0.0;
  for (var e = 0; e < uniforms.experts; e++) {
    let candidate = valueOf(n, e, biased);
    let after = expert < 0 || candidate < value || (candidate == value && e > expert);
    if (after && (best < 0 || candidate > bestValue)) {
      best = e;
      bestValue = candidate;
    }
  }
  return max(best, 0);
}
// How many experts stand before e in the order of choice.
fn rankOf(n: i32, e: i32, biased: bool) -> i32 {
  let value = valueOf(n, e, biased);
  var rank = 0;
  for (var other = 0; other < uniforms.experts; other++) {
    let candidate = valueOf(n, other, biased);
    if (candidate > value || (candidate == value && other < e)) { rank++; }
  }
  return rank;
}`;
}
