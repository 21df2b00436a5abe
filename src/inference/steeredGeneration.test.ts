// Text under interventions, and what a token is drawn from.
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Intervention } from '../config/intervention';
import { rngFor } from '../core/rng';
import type { LiveModel } from '../model/liveModel';
import { fixtureConfig, fixtureTensors, tensorsOf } from '../testing/fixtureModel';
import { startTestBackend } from '../testing/startTestBackend';
import { contextStart, generate, type GenerationSettings } from './generate';
import { tracePrompt } from './promptTrace';
import type { RoutingTrace } from './routingTrace';
import { likeliest, restricted, sampleToken } from './sampling';

beforeAll(startTestBackend);

async function fixture(name: string): Promise<LiveModel> {
  const config = await fixtureConfig(name);
  const { parameters, biases } = tensorsOf(config, await fixtureTensors(`${name}/model.safetensors`));
  return { config, parameters, choiceOffsets: biases };
}

const PROMPT = [5, 17, 60, 3];
const some: Intervention[] = [
  { kind: 'mute', experts: [2], mode: 'reroute', layers: null, tokens: { from: 3, to: 9 } },
  { kind: 'expertsPerToken', count: 2, layers: [1], tokens: { from: 2, to: 6 } },
  { kind: 'draw', by: 'random', seed: 5, layers: [0], tokens: { from: 6, to: 900 } },
  { kind: 'topMasked', layers: [1], tokens: null },
  { kind: 'sharedOff', layers: [0], tokens: { from: 5, to: 8 } },
];

for (const name of ['tiny-a', 'tiny-b']) {
  describe(`${name} under interventions`, () => {
    it('writes the same text with and without a cache, and routes the same, while the context holds it all', async () => {
      const model = await fixture(name);
      const settings: GenerationSettings = { tokens: 8, temperature: 0, stopAt: -1, contextLength: 32 };
      const traces: RoutingTrace[] = [];
      const ids = [...PROMPT];
      const options = { interventions: some, onTrace: (trace: RoutingTrace) => traces.push(trace) };
      for await (const id of generate(() => model, PROMPT, settings, rngFor(1, 'sample'), options)) {
        const { next } = (await tracePrompt(model, ids, [some])).traces[0]!;
        expect(id).toBe(next.ids[(ids.length - 1) * next.count]);
        ids.push(id);
      }
      const full = (await tracePrompt(model, ids, [some])).traces[0]!;
      let first = 0;
      for (const trace of traces) {
        for (let layer = 0; layer < trace.layers; layer++) {
          for (let t = 0; t < trace.tokens; t++) {
            const rowOf = (of: { tokens: number; expertsPerToken: number; chosen: Int16Array }, at: number) => {
              const place = (layer * of.tokens + at) * of.expertsPerToken;
              return [...of.chosen.subarray(place, place + of.expertsPerToken)].filter((expert) => expert >= 0);
            };
            expect(rowOf(trace, t), `layer ${layer}, token ${first + t}`).toEqual(rowOf(full, first + t));
          }
        }
        first += trace.tokens;
      }
      expect(first).toBe(ids.length - 1);
    });

    it('counts positions from the start of the text, also when the context has moved on', async () => {
      const model = await fixture(name);
      const settings: GenerationSettings = { tokens: 12, temperature: 0, stopAt: -1, contextLength: 8 };
      const late = (from: number): Intervention[] => [{ kind: 'sharedOff', layers: null, tokens: { from, to: 1000 } }];
      const ids = [...PROMPT];
      const collected: number[] = [];
      for await (const id of generate(() => model, PROMPT, settings, rngFor(1, 'sample'), { interventions: late(9) })) {
        const start = contextStart(ids.length, settings.contextLength);
        // Read alone, the part in view stands at 0: there the intervention begins earlier by what was dropped.
        const { next } = (await tracePrompt(model, ids.slice(start), [late(Math.max(0, 9 - start))])).traces[0]!;
        expect(id).toBe(next.ids[(ids.length - start - 1) * next.count]);
        ids.push(id);
        collected.push(id);
      }
      expect(collected).toHaveLength(12);
    });
  });
}

it('the same seed gives the same text, with interventions and without; other routes give another', async () => {
  const model = await fixture('tiny-a');
  const settings: GenerationSettings = { tokens: 10, temperature: 1, stopAt: -1, contextLength: 32 };
  const made = async (interventions: Intervention[]) => {
    const ids: number[] = [];
    for await (const id of generate(() => model, PROMPT, settings, rngFor(4, 'sample'), { interventions })) ids.push(id);
    return ids;
  };
  const plain = await made([]);
  expect(await made([])).toEqual(plain);
  expect(await made([{ kind: 'expertsPerToken', count: model.config.numExpertsPerTok, layers: null, tokens: null }])).toEqual(
    plain,
  );
  const random = await made([{ kind: 'draw', by: 'random', seed: 1, layers: null, tokens: null }]);
  expect(random).not.toEqual(plain);
  expect(await made([{ kind: 'draw', by: 'random', seed: 1, layers: null, tokens: null }])).toEqual(random);
});

describe('what a token is drawn from', () => {
  const logits = fc
    .array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 2, maxLength: 40 })
    .map((values) => Float32Array.from(values));

  it('top-k and top-p keep the fewest of the likeliest that satisfy both, with their logits untouched', () => {
    fc.assert(
      fc.property(
        logits,
        fc.nat(12),
        fc.double({ min: 0.05, max: 1, noNaN: true }),
        fc.double({ min: 0.3, max: 2, noNaN: true }),
        (given, topK, topP, temperature) => {
          const kept = restricted(given, [], temperature, { topK, topP, repetitionPenalty: 1 });
          const order = [...given.keys()].sort((a, b) => given[b]! - given[a]! || a - b).slice(0, topK || given.length);
          const total = order.reduce((sum, id) => sum + Math.exp(given[id]! / temperature), 0);
          let mass = 0;
          const wanted = new Set<number>();
          for (const id of order) {
            if (wanted.size > 0 && mass >= topP - 1e-12) break;
            wanted.add(id);
            mass += Math.exp(given[id]! / temperature) / total;
          }
          const got = [...kept.keys()].filter((id) => kept[id] !== -Infinity);
          for (const id of got) expect(kept[id]).toBe(given[id]);
          // At a sum that lands on p, rounding decides about one token.
          expect(Math.abs(got.length - wanted.size)).toBeLessThanOrEqual(1);
          if (topP === 1) expect(new Set(got)).toEqual(new Set(order));
          expect(wanted.has(sampleToken(kept, temperature, rngFor(1, 'sample'))) || got.length !== wanted.size).toBe(true);
        },
      ),
    );
  });

  it('the penalty makes what was said less likely, whichever sign its logit has, and nothing else', () => {
    const kept = restricted(Float32Array.of(2, -2, 1), [0, 1, 0], 1, { topK: 0, topP: 1, repetitionPenalty: 2 });
    expect([...kept]).toEqual([1, -4, 1]);
  });

  it('the likeliest come in order, equals by their number', () => {
    expect(likeliest([1, 3, 3, 2], 3)).toEqual([1, 2, 3]);
  });
});
