// Looking back along the moments of a run, as the page asks for it.
import { afterEach, expect, it } from 'vitest';
import { loadOf } from '../analysis/routeComparison';
import { DEFAULT_SNAPSHOTS } from '../config/snapshotSettings';
import { decodeSnapshot } from '../checkpoint/snapshot';
import { memory } from '../kernels/tensor';
import { initialValues, parameterSpecs } from '../model/parameters';
import type { KeptModel } from '../protocol/modelRef';
import { booted, closePages, config, sharedPlace, trained, until } from '../testing/enginePage';
import { valueOf } from '../testing/fixtureModel';
import { MemoryStore } from '../testing/memoryStore';

afterEach(closePages);

/** A run of four steps with a moment after each. */
async function four() {
  const store = new MemoryStore();
  const opened = await booted(null, { place: sharedPlace(store)() });
  const snapshots = { ...DEFAULT_SNAPSHOTS, everyTokens: 64, type: 'F32' as const };
  valueOf(await opened.client.request({ kind: 'keepSnapshots', settings: snapshots }));
  const { runId } = await trained(opened, 4, { ...config, model: { ...config.model, numHiddenLayers: 3 } });
  await until(() => opened.news.snapshots.at(-1)?.rungs.some(({ step }) => step === 4) ?? false);
  const at = (step: number): KeptModel => ({ kind: 'checkpoint', runId, step });
  return { ...opened, store, runId, at };
}

it('reads held-out text with a moment: its loss, its load, and nothing left on the device', async () => {
  const { client, at, news } = await four();
  const before = memory().numTensors;
  const told: number[] = [];
  const onProgress = ({ done, total }: { done: number; total: number }) => void told.push(done / total);
  const moment = valueOf(await client.request({ kind: 'momentRoutes', request: { model: at(4), tokens: 2048 } }, { onProgress }));
  expect(memory().numTensors).toBe(before);
  expect([moment.step, moment.firstLayer, told.at(-1)]).toEqual([4, 1, 1]);
  const { layers, experts, expertsPerToken: K, ids, chosen } = moment.routes;
  expect([layers, experts, K, chosen.length]).toEqual([2, 4, 2, 2 * ids.length * 2]);
  // The run's own validation after its fourth step reads the same text, weighed by the training mixture.
  const validated = news.validation.flatMap(({ results }) => results).find(({ step }) => step === 4)!;
  expect(moment.nats / validated.overall.nats).toBeCloseTo(1, 5);
  const load = loadOf(moment.routes);
  const perToken = [0, 1].map((layer) => load.subarray(layer * 4, layer * 4 + 4).reduce((sum, one) => sum + one, 0) / ids.length);
  expect(perToken).toEqual([K, K]);
});

it('tells the same tokens of every moment, so that choices can be compared', async () => {
  const { client, at } = await four();
  const [first, last] = [
    valueOf(await client.request({ kind: 'momentRoutes', request: { model: at(0), tokens: 64 } })),
    valueOf(await client.request({ kind: 'momentRoutes', request: { model: at(4), tokens: 64 } })),
  ];
  expect(first.routes.ids).toEqual(last.routes.ids);
  expect(first.routes.tokens).toEqual(last.routes.tokens);
  expect(first.nats).not.toBe(last.nats);
});

it('measures how far every kind of weight and the biases have moved, as plain loops over the files do', async () => {
  const { client, store, at, runId } = await four();
  const { parts } = valueOf(await client.request({ kind: 'drift', request: { model: at(4), reference: at(0) } }));
  const snapshot = valueOf(decodeSnapshot(store.blobs.get(`${runId}.snapshot.4`)!, parameterSpecs));
  const { model, train } = snapshot.config;
  const distance = { moved: 0, length: 0 };
  for (const [index, spec] of parameterSpecs(model).entries()) {
    const then = initialValues(spec, index, model, train.seed);
    for (const [i, value] of snapshot.parameters[index]!.entries()) {
      distance.moved += (value - then[i]!) ** 2;
      distance.length += then[i]! ** 2;
    }
  }
  const weights = parts.filter(({ group }) => group !== 'bias');
  const sum = (key: 'moved' | 'reference') => weights.reduce((total, part) => total + part[key], 0);
  expect(sum('moved') / distance.moved).toBeCloseTo(1, 9);
  expect(sum('reference') / distance.length).toBeCloseTo(1, 9);
  const biases = parts.filter(({ group }) => group === 'bias');
  expect(biases.map(({ layer, reference }) => [layer, reference])).toEqual([
    [1, 0],
    [2, 0],
  ]);
  expect(biases[0]!.moved).toBeCloseTo(
    snapshot.biases[0]!.reduce((total, bias) => total + bias * bias, 0),
    12,
  );
});

it('refuses what is not there, what is too much, and stops when nobody wants it', async () => {
  const { client, at } = await four();
  const missing = await client.request({ kind: 'momentRoutes', request: { model: at(9), tokens: 64 } });
  expect(!missing.ok && missing.error.code).toBe('model-unavailable');
  const greedy = await client.request({ kind: 'momentRoutes', request: { model: at(4), tokens: 1e9 } });
  expect(!greedy.ok && greedy.error.fields?.[0]?.field).toBe('sweep.tokens');
  const apart = await client.request({ kind: 'drift', request: { model: at(4), reference: at(9) } });
  expect(!apart.ok && apart.error.code).toBe('model-unavailable');
  const before = memory().numTensors;
  const controller = new AbortController();
  const stopped = await client.request(
    { kind: 'momentRoutes', request: { model: at(4), tokens: 2048 } },
    { signal: controller.signal, onProgress: () => controller.abort() },
  );
  expect(stopped.ok ? 'read' : stopped.error.code).toBe('cancelled');
  await until(() => memory().numTensors === before);
});
