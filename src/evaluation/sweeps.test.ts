// Sweeps over experts and over K: against the plain way, which computes everything anew, and against plain float64 loops.
import { beforeAll, describe, expect, it } from 'vitest';
import { pairedEstimate } from '../analysis/pairedInterval';
import type { Intervention } from '../config/intervention';
import { parseInterventions } from '../config/interventionCheck';
import { moeLayerCount } from '../config/modelConfig';
import { SharedPrefix, tokenLosses } from '../inference/sharedPrefix';
import { memory } from '../kernels/tensor';
import type { LiveModel } from '../model/liveModel';
import { testBackend } from '../testing/backend';
import { fixtureConfig, fixtureTensors, tensorsOf, valueOf } from '../testing/fixtureModel';
import { logSumExp, ReferenceModel } from '../testing/referenceModel';
import { startTestBackend } from '../testing/startTestBackend';
import { ablateExperts, ablationOf, modesFor } from './ablation';
import { busiestVersions, expertCountVersions, measureCurve } from './curves';
import { documentText, textsAlone, type DocumentText } from './documents';

beforeAll(startTestBackend);

const LENGTH = 6;
/** Ends a document wherever it stands. */
const END = 7;
/** Two sets, of two sequences and of one; documents end within them. */
const SETS = [
  { ids: Int32Array.of(3, 1, 7, 4, 2, 9, 30, 30, 11, 5, 7, 60, 8, 2), sequences: 2 },
  { ids: Int32Array.of(50, 20, 44, 7, 31, 6, 7), sequences: 1 },
];

interface Case {
  readonly model: LiveModel;
  readonly text: DocumentText;
  /** Surprise of each target of each batch, by the reference. */
  readonly referenceLosses: (interventions: readonly Intervention[]) => number[][];
}

async function fixture(name: string, atOnce = 2): Promise<Case> {
  const config = await fixtureConfig(name);
  const checkpoint = await fixtureTensors(`${name}/model.safetensors`);
  const { parameters, biases } = tensorsOf(config, checkpoint);
  const reference = new ReferenceModel(config, checkpoint);
  const text = documentText(SETS, LENGTH, atOnce, END);
  const referenceLosses = (interventions: readonly Intervention[]) =>
    text.batches.map(({ inputs, targets, sequences }) =>
      Array.from({ length: sequences }, (_, b) => {
        const { logits } = reference.run([...inputs.subarray(b * LENGTH, (b + 1) * LENGTH)], interventions);
        return logits.map((row, t) => logSumExp(row) - row[targets[b * LENGTH + t]!]!);
      }).flat(),
    );
  return { model: { config, parameters, choiceOffsets: biases }, text, referenceLosses };
}

async function finish<T>(generator: AsyncGenerator<{ done: number; total: number }, T>): Promise<{ value: T; steps: number }> {
  for (let steps = 0; ; steps++) {
    const { done, value } = await generator.next();
    if (done) return { value: value as T, steps };
    expect(value).toMatchObject({ done: steps + 1 });
  }
}

const worst = (actual: ArrayLike<number>, expected: ArrayLike<number>) =>
  Math.max(...Array.from(actual, (value, i) => Math.abs(value - expected[i]!)));

it('documents begin after an end token and with each set; every target belongs to one', () => {
  const { batches, tokens } = documentText(SETS, LENGTH, 1, END);
  expect(batches.map(({ documents }) => [...documents])).toEqual([
    [0, 0, 1, 1, 1, 1],
    [1, 1, 1, 2, 2, 2],
    [3, 3, 3, 4, 4, 4],
  ]);
  expect(tokens).toEqual([2, 7, 3, 3, 3]);
  expect(documentText(SETS, LENGTH, 2, END).tokens).toEqual(tokens);
});

it('texts that stand alone share a batch only with those of their length, and each is a document', () => {
  const texts = [[7, 1, 2], [7], [7, 3, 4, 5], [7, 6, 8], [7, 9, 10]].map((ids) => Int32Array.from(ids));
  const { batches, tokens } = textsAlone(texts, 2);
  expect(tokens).toEqual([2, 3, 2, 2]);
  const told = batches.map(({ inputs, targets, documents, ...shape }) => [[...inputs], [...targets], [...documents], shape]);
  expect(told).toEqual([
    [[7, 1, 7, 6], [1, 2, 6, 8], [0, 0, 2, 2], { sequences: 2, length: 2 }],
    [[7, 9], [9, 10], [3, 3], { sequences: 1, length: 2 }],
    [[7, 3, 4], [3, 4, 5], [1, 1, 1], { sequences: 1, length: 3 }],
  ]);
});

for (const name of ['tiny-a', 'tiny-b']) {
  describe(`${name} of the fixtures`, () => {
    it('a layer changed behind a shared prefix gives the losses of the plain way and of the reference', async () => {
      const { model, text, referenceLosses } = await fixture(name);
      const { config } = model;
      const some = Array.from({ length: moeLayerCount(config) }, (_, layer) =>
        [1, 4].flatMap((expert) => modesFor(config).map((mode) => ({ layer, expert, mode }))),
      ).flat();
      const [batch] = text.batches;
      const prefix = await SharedPrefix.read(model, batch!);
      expect(worst(prefix.losses, referenceLosses([])[0]!)).toBeLessThan(1e-4);
      for (const { layer, expert, mode } of some) {
        const one = ablationOf(mode, layer, expert, 3, config);
        const users = prefix.usersOf(layer, expert);
        const touched = mode === 'reroute' && config.nGroup > 1 ? new Uint8Array(users.length).fill(1) : users;
        const losses = await prefix.lossesUnder(layer, [one], touched);
        const what = `${mode} ${expert} of layer ${layer}`;
        expect(worst(losses, await tokenLosses(model, batch!, [one])), what).toBeLessThan(2e-5);
        expect(worst(losses, referenceLosses([one])[0]!), what).toBeLessThan(2e-4);
        // Before the first token that is touched, and where none is, nothing moves by a bit.
        for (let n = 0; n < losses.length; n++) {
          const before = touched.subarray(n - (n % LENGTH), n + 1);
          if (!before.includes(1)) expect(losses[n], what).toBe(prefix.losses[n]);
        }
      }
      prefix.dispose();
    });

    it.runIf(testBackend() === 'wasm' || name === 'tiny-a')(
      'the ablation of every expert is that of the reference, document by document',
      async () => {
        const { model, text, referenceLosses } = await fixture(name);
        const { config } = model;
        const modes = modesFor(config);
        const before = memory().numTensors;
        const { value, steps } = await finish(ablateExperts(model, text, modes, 3));
        expect(memory().numTensors).toBe(before);
        expect(steps).toBe(text.batches.length * value.layers * value.experts);
        const plain = referenceLosses([]);
        expect(value.loss).toBeCloseTo(plain.flat().reduce((a, b) => a + b) / plain.flat().length, 4);
        expect(value.load.reduce((a, b) => a + b)).toBe(
          text.tokens.reduce((a, b) => a + b) * value.layers * config.numExpertsPerTok,
        );
        for (const map of value.maps) {
          for (let layer = 0; layer < value.layers; layer++) {
            // All experts of the smaller model, some of the larger: the reference takes its time.
            for (let expert = 0; expert < value.experts; expert += name === 'tiny-a' ? 1 : 5) {
              const changed = referenceLosses([ablationOf(map.mode, layer, expert, 3, config)]);
              const sums = text.tokens.map(() => 0);
              text.batches.forEach(({ documents }, b) =>
                documents.forEach((document, n) => (sums[document]! += changed[b]![n]! - plain[b]![n]!)),
              );
              const want = pairedEstimate(sums, text.tokens);
              const place = layer * value.experts + expert;
              const what = `${map.mode} ${expert} of layer ${layer}`;
              expect(Math.abs(map.mean[place]! - want.mean), what).toBeLessThan(1e-4);
              expect(Math.abs(map.low[place]! - want.low), what).toBeLessThan(1e-3);
              expect(Math.abs(map.high[place]! - want.high), what).toBeLessThan(1e-3);
              if (value.load[place] === 0 && (map.mode !== 'reroute' || config.nGroup === 1))
                expect(map.mean[place], what).toBe(0);
            }
          }
        }
      },
    );

    it('the curve of K is that of the reference, and nothing changes at the trained K', async () => {
      const { model, text, referenceLosses } = await fixture(name);
      const points = expertCountVersions(model.config);
      for (const { interventions } of points) valueOf(parseInterventions(interventions, model.config));
      const { value } = await finish(measureCurve(model, text, points));
      const mean = (losses: number[][]) => losses.flat().reduce((a, b) => a + b) / losses.flat().length;
      for (const [index, point] of value.points.entries()) {
        expect(point.value).toBe(index + 1);
        expect(point.loss).toBeCloseTo(mean(referenceLosses(points[index]!.interventions)), 3);
        expect(point.change.mean).toBeCloseTo(point.loss - value.loss, 10);
        if (point.value === model.config.numExpertsPerTok) expect(point.change).toEqual({ mean: 0, low: 0, high: 0 });
      }
    });

    it('keeping the busiest leaves those with the largest load, never too few, and all of them change nothing', async () => {
      const { model, text } = await fixture(name);
      const { config } = model;
      const E = config.nRoutedExperts;
      const L = moeLayerCount(config);
      const load = Array.from({ length: L * E }, (_, i) => (i * 7) % E);
      const points = busiestVersions(load, [0.01, 0.75, 1], config);
      for (const { interventions } of points) valueOf(parseInterventions(interventions, config));
      for (const { value, interventions } of points) {
        if (value === 1) expect(interventions).toEqual([]);
        for (const [layer, one] of interventions.entries()) {
          const away = one.kind === 'mute' ? one.experts : [];
          expect(away.length).toBe(E - value * E);
          const least = Math.min(
            ...Array.from({ length: E }, (_, e) => e)
              .filter((e) => !away.includes(e))
              .map((e) => load[layer * E + e]!),
          );
          for (const expert of away) expect(load[layer * E + expert]).toBeLessThanOrEqual(least);
        }
      }
      const { value } = await finish(measureCurve(model, text, points));
      expect(value.points.at(-1)!.change.mean).toBe(0);
      expect(value.points[0]!.change.mean).not.toBe(0);
    });
  });
}

it('a sweep that is given up leaves nothing on the device', async () => {
  const { model, text } = await fixture('tiny-a');
  const before = memory().numTensors;
  const sweep = ablateExperts(model, text, ['zero'], 1);
  await sweep.next();
  await sweep.return(undefined as never);
  expect(memory().numTensors).toBe(before);
});
