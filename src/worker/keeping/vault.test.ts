// What a browser keeps of its runs: whole or as it was before, whatever moment the page dies at.
import { describe, expect, it } from 'vitest';
import type { RunState } from '../../checkpoint/runState';
import { commit } from '../../checkpoint/slots';
import { parameterSpecs } from '../../model/parameters';
import { moeLayerCount } from '../../config/modelConfig';
import { rngFor } from '../../core/rng';
import { config } from '../../testing/enginePage';
import { valueOf } from '../../testing/fixtureModel';
import { DyingStore, MemoryStore, type Wreck } from '../../testing/memoryStore';
import { HistoryRecord } from './historyRecord';
import { Vault, type Told } from './vault';

const small = { ...config, model: { ...config.model, vocabSize: 256, hiddenSize: 8, headDim: 4 } };

function stateAt(step: number, runId = 'run-a'): RunState {
  const rng = rngFor(step, 'init');
  const filled = (length: number): Float32Array => Float32Array.from({ length }, () => rng.normal());
  const tensors = (): Float32Array[] =>
    parameterSpecs(small.model).map(({ shape }) => filled(shape.reduce((product, length) => product * length, 1)));
  return {
    runId,
    config: small,
    identity: { backend: 'wasm', kernels: '', build: '0', corpus: 'c', tokenizer: 't' },
    step,
    changes: [],
    upcoming: [],
    historyPosition: 0,
    parameters: tensors(),
    firstMoments: tensors(),
    secondMoments: tensors(),
    biases: Array.from({ length: moeLayerCount(small.model) }, () => filled(small.model.nRoutedExperts)),
  };
}

const figures = { loss: 1, gradientNorm: 1, clipped: false, learningRate: 1, tokensSeen: 1, epoch: 1, stepMs: 1, workers: 1 };
function historyAt(step: number): Uint8Array {
  const record = new HistoryRecord();
  for (let told = 1; told <= step; told++) record.addStep({ step: told, ...figures, maxAttentionLogit: 0, balanceLoss: 0 }, null);
  return record.bytes();
}
const never = (): boolean => false;
const toldAt = (step: number): Told => ({ history: historyAt(step), loss: 1 / step });
const save = (vault: Vault, step: number, runId?: string, now = step): Promise<boolean> =>
  vault.save(stateAt(step, runId), toldAt(step), now, never);

describe('the vault', () => {
  it('gives a run back as it was saved last, and lists it', async () => {
    const store = new MemoryStore();
    const vault = new Vault(store);
    expect(await vault.list()).toEqual([]);
    for (const step of [2, 4, 6]) await save(vault, step);
    const found = valueOf(await new Vault(store).load('run-a'));
    expect(found.state).toEqual(stateAt(6));
    expect(found.history.scalars.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    const [listed] = await new Vault(store).list();
    expect(listed).toMatchObject({ runId: 'run-a', step: 6, savedAt: 6, backend: 'wasm', loss: 1 / 6, isPinned: false });
  });

  it('cut at any byte of a save, it holds the save before or the new one, and its history stands where the state does', async () => {
    const before = new MemoryStore();
    const vault = new Vault(before);
    await save(vault, 2);
    await save(vault, 4);
    const whole = new MemoryStore();
    let total = 0;
    const write = whole.write.bind(whole);
    for (const [name, bytes] of before.blobs) whole.blobs.set(name, bytes);
    whole.write = (name, bytes) => ((total += bytes.length), write(name, bytes));
    await save(new Vault(whole), 6);
    const rng = rngFor(1, 'data');
    const seen = new Set<number>();
    for (let cut = 0; cut < 60; cut++) {
      const budget = cut < 30 ? rng.below(total) : total - rng.below(300);
      const wreck = (['short', 'mixed', 'zeros', 'gone'] as const)[cut % 4] as Wreck;
      const dying = new DyingStore(before, budget, wreck);
      await save(new Vault(dying), 6).catch(() => undefined);
      const left = new MemoryStore();
      for (const [name, bytes] of dying.blobs) left.blobs.set(name, bytes);
      const found = valueOf(await new Vault(left).load('run-a'));
      seen.add(found.state.step);
      expect(found.state).toEqual(stateAt(found.state.step));
      expect(found.history.scalars.length).toBe(found.state.step);
      const again = new Vault(left);
      await again.load('run-a');
      await save(again, 8);
      expect(valueOf(await new Vault(left).load('run-a')).state.step).toBe(8);
    }
    expect(seen).toEqual(new Set([4, 6]));
  });

  it('a first save cut before its end leaves no run, or a whole one', async () => {
    for (const budget of [0, 10, 2000, 20_000, 1e9]) {
      const dying = new DyingStore(new MemoryStore(), budget, 'short');
      await save(new Vault(dying), 2).catch(() => undefined);
      const left = new Vault(dying);
      for (const { runId } of await left.list()) expect(valueOf(await left.load(runId)).state.step).toBe(2);
    }
  });

  it('names what cannot be read, and lists it all the same', async () => {
    const store = new MemoryStore();
    await save(new Vault(store), 2);
    store.blobs.get('run-a.state.a')![9]! ^= 1;
    const found = await new Vault(store).load('run-a');
    expect(!found.ok && found.error.code).toBe('storage-damaged');
    expect((await new Vault(store).list()).map(({ step }) => step)).toEqual([2]);
    const missing = await new Vault(store).load('run-b');
    expect(!missing.ok && missing.error).toMatchObject({ code: 'storage-damaged', detail: expect.stringContaining('run-b') });
  });

  it('a damaged history costs the curves, not the run', async () => {
    const store = new MemoryStore();
    await save(new Vault(store), 2);
    store.blobs.get('run-a.history.a')![9]! ^= 1;
    const found = valueOf(await new Vault(store).load('run-a'));
    expect([found.state.step, found.history.scalars]).toEqual([2, []]);
  });

  it('says what the two copies of a run take, and of one kept before that was written down, nothing', async () => {
    const store = new MemoryStore();
    await save(new Vault(store), 2);
    await save(new Vault(store), 2);
    const taken = [...store.blobs].filter(([name]) => /\.(state|history)\.[ab]$/.test(name));
    const [listed] = await new Vault(store).list();
    expect(listed!.bytes).toBe(taken.reduce((total, [, { length }]) => total + length, 0));
    const old = new TextEncoder().encode(JSON.stringify({ step: 2, savedAt: 7, backend: 'wasm' }));
    await commit(store, 'run-a.about', old, { slot: 'b', sequence: 2 });
    const [before] = await new Vault(store).list();
    expect(before).toEqual({ runId: 'run-a', name: listed!.name, step: 2, savedAt: 7, backend: 'wasm', isPinned: false });
  });

  it('a pin outlives every save, may be set by another tab, and goes with the run', async () => {
    const store = new MemoryStore();
    const [vault, other] = [new Vault(store), new Vault(store)];
    await save(vault, 2);
    await other.pin('run-a', true);
    for (const step of [3, 4, 5]) await save(vault, step);
    expect(await new Vault(store).list()).toMatchObject([{ step: 5, isPinned: true }]);
    await other.pin('run-a', false);
    expect(await vault.list()).toMatchObject([{ step: 5, isPinned: false }]);
    await other.pin('run-a', true);
    await vault.discard('run-a');
    expect([...store.blobs.keys()]).toEqual([]);
  });

  it('writes nothing of a run that has come to belong to another tab', async () => {
    const store = new MemoryStore();
    const vault = new Vault(store);
    await save(vault, 2);
    let asked = 0;
    expect(await vault.save(stateAt(4), toldAt(4), 4, () => ++asked > 1)).toBe(false);
    expect(valueOf(await new Vault(store).load('run-a')).state.step).toBe(2);
  });

  it('goes on after another tab wrote the run, without touching what that tab saved last', async () => {
    const store = new MemoryStore();
    const first = new Vault(store);
    await save(first, 2);
    const other = new Vault(store);
    await other.load('run-a');
    await save(other, 4);
    await first.load('run-a');
    const last = new Map([...store.blobs].map(([name, bytes]) => [name, bytes.slice()]));
    await save(first, 6);
    store.blobs.set('run-a.state.a', Uint8Array.of(0));
    expect(last.get('run-a.state.b')).toEqual(store.blobs.get('run-a.state.b'));
    expect(valueOf(await new Vault(store).load('run-a')).state.step).toBe(4);
  });

  it('a discarded run leaves nothing', async () => {
    const store = new MemoryStore();
    const vault = new Vault(store);
    await save(vault, 2);
    await save(vault, 3, 'run-ab');
    await vault.discard('run-a');
    expect((await vault.list()).map(({ runId }) => runId)).toEqual(['run-ab']);
    expect([...store.blobs.keys()].every((name) => name.startsWith('run-ab.'))).toBe(true);
  });
});
