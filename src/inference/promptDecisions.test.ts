// Single decisions of a traced prompt: what the bias changed, their order and weights, and draws in place of scores.
import { beforeAll, expect, it } from 'vitest';
import { decisionOf, type PromptTrace } from '../analysis/promptTrace';
import type { Intervention } from '../config/intervention';
import { startTestBackend } from '../testing/startTestBackend';
import { close, everywhere, fixture } from '../testing/tracedFixture';
import { tracePrompt } from './promptTrace';

beforeAll(startTestBackend);

it('tells where the bias changed the choice: where bare scores would have chosen others', async () => {
  const { model, reference, ids } = await fixture('tiny-a');
  const E = model.config.nRoutedExperts;
  const values = Array.from({ length: E }, (_, e) => Math.fround(0.4 * Math.sin(5 * e)));
  const cases: readonly (readonly [interventions: readonly Intervention[], moves: boolean | null])[] = [
    [[], null],
    [[{ kind: 'biasFrozen', values, ...everywhere }], true],
    [[{ kind: 'biasZero', ...everywhere }], false],
  ];
  for (const [interventions, moves] of cases) {
    const trace = (await tracePrompt(model, ids, [interventions])).traces[0]!;
    const changed = reference.run(ids, interventions).decisions.flatMap((layer) =>
      layer.map(({ scores, chosen }) => {
        const bare = scores.map((_, e) => e).sort((a, b) => scores[b]! - scores[a]! || a - b);
        return chosen.some((expert) => !bare.slice(0, chosen.length).includes(expert));
      }),
    );
    expect(Array.from(trace.offsetChanged, (count) => count > 0)).toEqual(changed);
    if (moves !== null) expect(changed.includes(true)).toBe(moves);
  }
});

it('a decision up close: every expert once, in the order that was chosen by, weights that add up', async () => {
  const { model, ids } = await fixture('tiny-a');
  const [trace] = (await tracePrompt(model, ids, [[]])).traces as [PromptTrace];
  const { routedScalingFactor, numExpertsPerTok: K } = model.config;
  for (let layer = 0; layer < trace.layers; layer++) {
    for (let t = 0; t < trace.tokens; t++) {
      const decision = decisionOf(trace, layer, t);
      expect(new Set(decision.map(({ expert }) => expert)).size).toBe(trace.experts);
      expect(decision.slice(0, K).map(({ rank }) => rank)).toEqual(Array.from({ length: K }, (_, k) => k));
      expect(decision.slice(K).every(({ rank, weight }) => rank === -1 && weight === 0)).toBe(true);
      expect(decision.reduce((sum, { normalised }) => sum + normalised, 0)).toBeCloseTo(1, 6);
      for (const { weight, normalised } of decision) expect(weight).toBeCloseTo(normalised * routedScalingFactor, 5);
      close(decision[K - 1]!.biased - decision[K]!.biased, trace.margins[layer * trace.tokens + t]!, 'margin');
    }
  }
});

it('random routing depends on seed and place, hash routing on seed and id alone; neither takes an expert twice or one kept away', async () => {
  const { model } = await fixture('tiny-b');
  const ids = [5, 9, 5, 9, 5, 9, 7, 5];
  const chosen = async (by: 'random' | 'hash', seed: number) => {
    const list: Intervention[] = [
      { kind: 'draw', by, seed, ...everywhere },
      { kind: 'mute', experts: [0, 1, 2], mode: 'reroute', ...everywhere },
      { kind: 'force', experts: [8], ...everywhere },
    ];
    const { chosen: all, expertsPerToken: K } = (await tracePrompt(model, ids, [list])).traces[0]!;
    return ids.map((_, t) => [...all.subarray(t * K, (t + 1) * K)]);
  };
  for (const by of ['random', 'hash'] as const) {
    const rows = await chosen(by, 3);
    expect(await chosen(by, 3)).toEqual(rows);
    expect(await chosen(by, 4)).not.toEqual(rows);
    for (const row of rows) {
      expect(new Set(row).size).toBe(row.length);
      expect(row[0]).toBe(8);
      expect(row.every((expert) => expert > 2)).toBe(true);
    }
    const alike = rows.filter((row, t) => ids[t] === 5 && row.join() === rows[0]!.join()).length;
    if (by === 'hash') expect(alike).toBe(4);
    else expect(alike).toBeLessThan(4);
  }
});
