// Prompts traced on the reference models, against the same model in plain float64 loops (testing/referenceModel).
import { beforeAll, describe, expect, it } from 'vitest';
import { comparison, type PromptTrace } from '../analysis/promptTrace';
import type { Intervention } from '../config/intervention';
import { parseInterventions } from '../config/interventionCheck';
import { memory } from '../kernels/tensor';
import { valueOf } from '../testing/fixtureModel';
import { logSumExp, type Drawn, type ReferencePass } from '../testing/referenceModel';
import { startTestBackend } from '../testing/startTestBackend';
import { close, everywhere, fixture } from '../testing/tracedFixture';
import { attentionMaps } from './attentionMaps';
import { NEXT_TOKENS, tracePrompt } from './promptTrace';

beforeAll(startTestBackend);

function expectTrace(trace: PromptTrace, pass: ReferencePass, ids: readonly number[]): void {
  const { layers, tokens, experts, expertsPerToken: K } = trace;
  expect([layers, tokens]).toEqual([pass.decisions.length, ids.length]);
  for (let layer = 0; layer < layers; layer++) {
    for (let t = 0; t < tokens; t++) {
      const row = layer * tokens + t;
      const want = pass.decisions[layer]![t]!;
      const at = `layer ${layer}, token ${t}`;
      for (let e = 0; e < experts; e++) close(trace.scores[row * experts + e]!, want.scores[e]!, `${at}, score`);
      const filled = [...want.chosen, ...Array.from({ length: K - want.chosen.length }, () => -1)];
      expect([...trace.chosen.subarray(row * K, (row + 1) * K)], at).toEqual(filled);
      for (const [k, weight] of want.weights.entries()) {
        close(trace.weights[row * K + k]!, weight, `${at}, weight`);
        close(trace.norms[row * K + k]!, want.norms[k]!, `${at}, norm`);
      }
      close(trace.sharedNorms[row]!, want.sharedNorm, `${at}, shared`);
      // A forced choice is decided by ±1000, where float32 has steps of 6e-5.
      close(trace.margins[row]!, want.margin, `${at}, margin`);
    }
  }
  expect(trace.surprise[0]).toBeNaN();
  for (let t = 0; t < tokens; t++) {
    const logits = pass.logits[t]!;
    const total = logSumExp(logits);
    if (t + 1 < tokens) close(trace.surprise[t + 1]!, total - logits[ids[t + 1]!]!, `surprise ${t + 1}`);
    const { count } = trace.next;
    expect(count).toBe(NEXT_TOKENS);
    const order = logits.map((_, id) => id).sort((a, b) => logits[b]! - logits[a]!);
    for (let i = 0; i < count; i++) {
      close(trace.next.logs[t * count + i]!, logits[order[i]!]! - total, `next ${i} of ${t}`);
      close(logits[trace.next.ids[t * count + i]!]!, logits[order[i]!]!, `logit of next ${i} of ${t}`);
    }
  }
}

/** Pairs of a name and interventions that say something on both reference models (8 and 16 experts, K 3 and 4, the second in 4 groups). */
const CASES: readonly (readonly [string, readonly Intervention[]])[] = [
  ['a mute to zero', [{ kind: 'mute', experts: [1, 4], mode: 'zero', ...everywhere }]],
  ['a reroute', [{ kind: 'mute', experts: [2], mode: 'reroute', ...everywhere }]],
  [
    'a reroute of some tokens in one layer',
    [{ kind: 'mute', experts: [0, 2], mode: 'reroute', layers: [1], tokens: { from: 3, to: 8 } }],
  ],
  ['a swap', [{ kind: 'swap', expert: 3, instead: 5, ...everywhere }]],
  [
    'a chain of swaps on some tokens',
    [
      { kind: 'swap', expert: 3, instead: 5, layers: null, tokens: { from: 2, to: 9 } },
      { kind: 'swap', expert: 5, instead: 0, layers: [0], tokens: null },
    ],
  ],
  ['two forced', [{ kind: 'force', experts: [6, 1], ...everywhere }]],
  ['one forced for a token', [{ kind: 'force', experts: [7], layers: [0], tokens: { from: 4, to: 5 } }]],
  ['fewer experts', [{ kind: 'expertsPerToken', count: 1, ...everywhere }]],
  ['more experts in a layer', [{ kind: 'expertsPerToken', count: 6, layers: [1], tokens: null }]],
  [
    'several numbers of experts',
    [
      { kind: 'expertsPerToken', count: 5, layers: null, tokens: { from: 1, to: 6 } },
      { kind: 'expertsPerToken', count: 2, layers: null, tokens: { from: 5, to: 9 } },
    ],
  ],
  ['no shared experts', [{ kind: 'sharedOff', ...everywhere }]],
  ['no shared experts for some tokens', [{ kind: 'sharedOff', layers: [1], tokens: { from: 0, to: 4 } }]],
  ['no bias', [{ kind: 'biasZero', ...everywhere }]],
  ['an edited bias', [{ kind: 'biasSet', experts: [0, 3], value: 0.7, layers: [0], tokens: null }]],
  ['a bias that is frozen, for some tokens', [{ kind: 'biasFrozen', values: [], layers: [1], tokens: { from: 2, to: 11 } }]],
  ['the best passed over', [{ kind: 'topMasked', ...everywhere }]],
  ['the best passed over for some tokens', [{ kind: 'topMasked', layers: [0], tokens: { from: 2, to: 7 } }]],
  ['random routing', [{ kind: 'draw', by: 'random', seed: 7, ...everywhere }]],
  ['hash routing in a layer, for some tokens', [{ kind: 'draw', by: 'hash', seed: 7, layers: [1], tokens: { from: 3, to: 11 } }]],
  [
    'all together',
    [
      { kind: 'mute', experts: [1], mode: 'zero', layers: null, tokens: { from: 0, to: 8 } },
      { kind: 'mute', experts: [2], mode: 'reroute', ...everywhere },
      { kind: 'force', experts: [4], layers: [1], tokens: { from: 2, to: 6 } },
      { kind: 'expertsPerToken', count: 4, layers: [1], tokens: { from: 4, to: 9 } },
      { kind: 'biasSet', experts: [5], value: 0.4, ...everywhere },
      { kind: 'topMasked', layers: [0], tokens: { from: 5, to: 7 } },
      { kind: 'swap', expert: 5, instead: 6, layers: null, tokens: { from: 1, to: 9 } },
      { kind: 'sharedOff', layers: [0], tokens: { from: 3, to: 4 } },
      { kind: 'draw', by: 'random', seed: 1, layers: [1], tokens: { from: 9, to: 11 } },
    ],
  ],
];

for (const name of ['tiny-a', 'tiny-b']) {
  describe(`${name} of the fixtures`, () => {
    it('is traced as the reference says: scores, choices, weights, contributions, surprise, next tokens', async () => {
      const { model, reference, ids } = await fixture(name);
      const { traces } = await tracePrompt(model, ids, [[]]);
      expectTrace(traces[0]!, reference.run(ids), ids);
      expect(traces[0]!.lens).toBeNull();
    });

    for (const [what, written] of CASES) {
      it(`under ${what} it does what the reference does, and its next tokens diverge as much`, async () => {
        const { model, reference, ids } = await fixture(name);
        const E = model.config.nRoutedExperts;
        const values = Array.from({ length: E }, (_, e) => Math.fround(((e * 5) % E) / E - 0.5));
        const some = valueOf(
          parseInterventions(
            written.map((one) => (one.kind === 'biasFrozen' ? { ...one, values } : one)),
            model.config,
          ),
        );
        const { traces, divergences } = await tracePrompt(model, ids, [[], some]);
        const [baseline, changed] = traces as [PromptTrace, PromptTrace];
        const drawn: Drawn = (layer, t) => {
          const row = layer * ids.length + t;
          const K = changed.expertsPerToken;
          return [...changed.chosen.subarray(row * K, (row + 1) * K)].filter((expert) => expert >= 0);
        };
        const before = reference.run(ids);
        const after = reference.run(ids, some, drawn);
        expectTrace(baseline, before, ids);
        expectTrace(changed, after, ids);
        const said = comparison(baseline, changed, divergences[0]!);
        for (let t = 0; t < ids.length; t++) {
          const [p, q] = [before.logits[t]!, after.logits[t]!].map((logits) => logits.map((logit) => logit - logSumExp(logits)));
          close(
            said.divergence[t]!,
            p!.reduce((sum, log, id) => sum + Math.exp(log) * (log - q![id]!), 0),
            `divergence ${t}`,
          );
        }
        for (let t = 1; t < ids.length; t++) {
          const surprise = (pass: ReferencePass) => logSumExp(pass.logits[t - 1]!) - pass.logits[t - 1]![ids[t]!]!;
          close(said.surpriseChange[t]!, surprise(after) - surprise(before), `surprise change ${t}`);
        }
        const moved = after.decisions.flatMap((layer, l) =>
          layer.map(({ chosen }, t) => chosen.filter((expert) => !before.decisions[l]![t]!.chosen.includes(expert)).length),
        );
        expect([...said.moved]).toEqual(moved);
      });
    }

    it('the lens reads each residual stream through norm and head, the last one as the model itself', async () => {
      const { model, reference, ids } = await fixture(name);
      const some: Intervention[] = [
        { kind: 'mute', experts: [1, 4], mode: 'zero', ...everywhere },
        { kind: 'sharedOff', layers: [1], tokens: { from: 2, to: 7 } },
      ];
      for (const interventions of [[], some]) {
        const versions = interventions.length > 0 ? [[], interventions] : [[]];
        const trace = (await tracePrompt(model, ids, versions, { lens: true })).traces.at(-1)!;
        const lens = trace.lens!;
        const { hidden } = reference.run(ids, interventions);
        expect(lens.readings).toBe(hidden.length);
        for (const [r, streams] of hidden.entries()) {
          for (const [t, x] of streams.entries()) {
            const logits = reference.read(x);
            const total = logSumExp(logits);
            const place = r * ids.length + t;
            close(lens.logs[place * lens.count]!, Math.max(...logits) - total, `lens ${r}, token ${t}`);
            close(logits[lens.ids[place * lens.count]!]!, Math.max(...logits), `lens id ${r}, token ${t}`);
            if (t + 1 < ids.length) close(lens.surprise[place + 1]!, total - logits[ids[t + 1]!]!, `lens surprise ${r}, ${t}`);
          }
        }
        expect(lens.surprise.slice(-ids.length)).toEqual(trace.surprise);
      }
    });

    it('attention is where the reference looks, head by head, under interventions too', async () => {
      const { model, reference, ids } = await fixture(name);
      const some: Intervention[] = [{ kind: 'expertsPerToken', count: 1, ...everywhere }];
      for (const interventions of [[], some]) {
        const { attention } = reference.run(ids, interventions);
        for (const [layer, heads] of attention.entries()) {
          const maps = await attentionMaps(model, ids, interventions, layer);
          const want = heads.flat(2);
          expect(maps).toHaveLength(want.length);
          want.forEach((share, i) => close(maps[i]!, share, `layer ${layer}, ${i}`));
        }
      }
    });

    it('an expert without a token is muted, rerouted or swapped without changing a bit, and so does the trained K', async () => {
      const { model, ids } = await fixture(name);
      const { traces } = await tracePrompt(model, ids.slice(0, 3), [[]]);
      const [plain] = traces as [PromptTrace];
      const L = plain.layers;
      const size = 3 * plain.expertsPerToken;
      const E = model.config.nRoutedExperts;
      const idle = (layer: number) =>
        Array.from({ length: E }, (_, e) => e).find((e) => !plain.chosen.subarray(layer * size, (layer + 1) * size).includes(e))!;
      const K = model.config.numExpertsPerTok;
      const lists: Intervention[][] = [
        Array.from({ length: L }, (_, layer) => ({
          kind: 'mute',
          experts: [idle(layer)],
          mode: 'zero',
          layers: [layer],
          tokens: null,
        })),
        Array.from({ length: L }, (_, layer) => ({
          kind: 'swap',
          expert: idle(layer),
          instead: 0,
          layers: [layer],
          tokens: null,
        })),
        [{ kind: 'expertsPerToken', count: K, ...everywhere }],
        [{ kind: 'expertsPerToken', count: K, layers: [0], tokens: { from: 1, to: 2 } }],
        [{ kind: 'expertsPerToken', count: 1, layers: null, tokens: { from: 3, to: 9 } }],
        [{ kind: 'sharedOff', layers: null, tokens: { from: 3, to: 9 } }],
      ];
      // Away from every choice of the group it stands in, an expert may still carry its group: only without groups is a reroute silent.
      if (model.config.nGroup === 1)
        lists.push(
          Array.from({ length: L }, (_, layer) => ({
            kind: 'mute',
            experts: [idle(layer)],
            mode: 'reroute',
            layers: [layer],
            tokens: null,
          })),
        );
      for (const list of lists) {
        const changed = (await tracePrompt(model, ids.slice(0, 3), [list])).traces[0]!;
        for (const key of ['scores', 'weights', 'norms', 'sharedNorms', 'surprise', 'chosen'] as const)
          expect(changed[key], `${key} under ${JSON.stringify(list[0])}`).toEqual(plain[key]);
        expect(changed.next).toEqual(plain.next);
      }
    });
  });
}

it('leaves the number of tensors as it was', async () => {
  const { model, ids } = await fixture('tiny-a');
  const before = memory().numTensors;
  await tracePrompt(model, ids, [[], [{ kind: 'topMasked', ...everywhere }]], { lens: true });
  await attentionMaps(model, ids, [], 1);
  expect(memory().numTensors).toBe(before);
});
