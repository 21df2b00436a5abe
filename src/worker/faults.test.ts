// Faults on purpose, over the whole door: each strikes where it was planned and nowhere before, and no state that counts is half a step.
import { afterEach, describe, expect, it } from 'vitest';
import { decodeRunState, type RunState } from '../checkpoint/runState';
import type { FaultKind, FaultPhase } from '../config/fault';
import { parameterSpecs } from '../model/parameters';
import { testBackend } from '../testing/backend';
import { booted, closePages, config, phaseOf, scalarsOf, sharedPlace, trained, until, type Page } from '../testing/enginePage';
import { valueOf } from '../testing/fixtureModel';
import { MemoryStore } from '../testing/memoryStore';

afterEach(closePages);

const quiet = { ...config, train: { ...config.train, validationEvery: 0, sampleEvery: 0 } };
/** Weights are kept at steps 1, 2, 4, 8, and every fourth of those times is whole. */
const snapshots = { everyTokens: 64 * 64, checkpointEvery: 1, type: 'F32', budgetMb: 100 } as const;

/** Plants a fault; says when it has struck. */
function plant(opened: Page, kind: FaultKind, phase: FaultPhase, step: number): { readonly hasStruck: () => boolean } {
  let hasStruck = false;
  void opened.client.request({ kind: 'plantFault', plan: { kind, phase, step } }).then(({ ok }) => (hasStruck = ok));
  return { hasStruck: () => hasStruck };
}
const savedAt = (opened: Page, step: number): Promise<void> => until(() => opened.news.keeping.at(-1)?.saved === step);
const goOn = async (opened: Page, count: number): Promise<void> =>
  void valueOf(await opened.client.request({ kind: 'step', count }));
async function rests(opened: Page, step: number): Promise<void> {
  await until(() => {
    const phase = phaseOf(opened);
    return phase?.phase === 'paused' && phase.step === step;
  });
}
async function stateOf({ client }: Page): Promise<RunState> {
  const { file } = valueOf(await client.request({ kind: 'exportRun' }));
  return valueOf(decodeRunState(new Uint8Array(await file.arrayBuffer()), parameterSpecs));
}

it('a fault inside the update ends the training on those weights; what was kept before goes on as if nothing had been', async () => {
  const straight = await booted();
  await trained(straight, 4, quiet);
  const expected = await stateOf(straight);
  const place = sharedPlace(new MemoryStore());
  const opened = await booted(null, { place: place() });
  const { hasStruck } = plant(opened, 'throw', 'optimizer', 3);
  const { runId } = await trained(opened, 2, quiet);
  await savedAt(opened, 2);
  await goOn(opened, 2);
  await until(() => phaseOf(opened)?.phase === 'failed');
  expect(phaseOf(opened)).toMatchObject({ step: 2, goesOn: false, error: { code: 'internal' } });
  await until(hasStruck);
  // Nothing is trained, given out, kept or written with half an update.
  await goOn(opened, 1);
  const given = await opened.client.request({ kind: 'exportRun' });
  expect(given.ok).toBe(false);
  const request = { model: { kind: 'live' } as const, prompt: 'a', tokens: 2, temperature: 1, seed: 1 };
  const written = await opened.client.request({ kind: 'sample', request });
  expect(written.ok).toBe(false);
  expect(phaseOf(opened)).toMatchObject({ phase: 'failed', step: 2, goesOn: false });
  expect(scalarsOf(opened).map(({ step }) => step)).toEqual([1, 2]);
  const resumed = valueOf(await opened.client.request({ kind: 'resumeRun', runId, takeOver: true }));
  expect([resumed.step, resumed.passedOver]).toEqual([2, null]);
  await goOn(opened, 2);
  await rests(opened, 4);
  expect({ ...(await stateOf(opened)), runId: '' }).toEqual({ ...expected, runId: '' });
});

describe.each(['forward', 'backward'] as const)('a throw in the %s pass', (phase) => {
  it('leaves the weights of the last finished step, and training goes on from them to the bit', async () => {
    const straight = await booted();
    await trained(straight, 3, quiet);
    const expected = await stateOf(straight);
    const opened = await booted();
    const { hasStruck } = plant(opened, 'throw', phase, 3);
    await trained(opened, 2, quiet);
    expect(hasStruck()).toBe(false);
    await goOn(opened, 1);
    await until(() => phaseOf(opened)?.phase === 'failed');
    expect(phaseOf(opened)).toMatchObject({ step: 2, goesOn: true });
    await goOn(opened, 1);
    await rests(opened, 3);
    expect({ ...(await stateOf(opened)), runId: '' }).toEqual({ ...expected, runId: '' });
  });

  it('has the steps before it kept, though no copy was due and nothing goes on', async () => {
    const place = sharedPlace(new MemoryStore());
    const opened = await booted(null, { place: place() });
    plant(opened, 'throw', phase, 4);
    const { runId } = await trained(opened, 1, quiet);
    await savedAt(opened, 1);
    await goOn(opened, 9);
    await until(() => phaseOf(opened)?.phase === 'failed');
    await savedAt(opened, 3);
    const second = await booted(null, { place: place() });
    expect(valueOf(await second.client.request({ kind: 'resumeRun', runId, takeOver: true })).step).toBe(3);
  });
});

describe('a fault while saving', () => {
  it('strikes at the first save at its step, also where moments of earlier steps are kept, and that save does not count', async () => {
    const store = new MemoryStore();
    const opened = await booted(null, { place: sharedPlace(store)() });
    valueOf(await opened.client.request({ kind: 'keepSnapshots', settings: snapshots }));
    const { hasStruck } = plant(opened, 'throw', 'saving', 3);
    const { runId } = await trained(opened, 1, quiet);
    await savedAt(opened, 1);
    await goOn(opened, 1);
    await rests(opened, 2);
    await savedAt(opened, 2);
    await until(() => opened.news.snapshots.some(({ rungs }) => rungs.some(({ step }) => step === 2)));
    expect(hasStruck()).toBe(false);
    await goOn(opened, 1);
    await until(() => opened.news.keeping.at(-1)?.error !== null);
    expect(hasStruck()).toBe(true);
    expect(opened.news.keeping.at(-1)).toMatchObject({ saved: 2, error: { code: 'storage-failed' } });
    // A browser that comes after the first one died: nobody is asked to save before it leaves.
    const second = await booted(null, { place: sharedPlace(store)() });
    const resumed = valueOf(await second.client.request({ kind: 'resumeRun', runId, takeOver: true }));
    expect([resumed.step, resumed.passedOver]).toEqual([2, null]);
  });

  it('strikes a moment as well as a safety copy', async () => {
    const opened = await booted();
    valueOf(await opened.client.request({ kind: 'keepSnapshots', settings: snapshots }));
    const { hasStruck } = plant(opened, 'throw', 'saving', 2);
    await trained(opened, 2, quiet);
    await until(hasStruck);
    await until(() => opened.news.snapshots.at(-1)?.error !== null || opened.news.keeping.at(-1)?.error !== null);
  });
});

it('a fault while generating strikes only where the run itself writes', async () => {
  const opened = await booted();
  const { hasStruck } = plant(opened, 'throw', 'generating', 2);
  await trained(opened, 1, quiet);
  const request = { model: { kind: 'live' } as const, prompt: 'a', tokens: 2, temperature: 1, seed: 1 };
  valueOf(await opened.client.request({ kind: 'sample', request }));
  expect(hasStruck()).toBe(false);
  await goOn(opened, 1);
  await rests(opened, 2);
  const written = await opened.client.request({ kind: 'sample', request });
  expect(!written.ok && written.error).toMatchObject({ code: 'internal', detail: expect.stringContaining('generating') });
  await until(hasStruck);
  valueOf(await opened.client.request({ kind: 'sample', request }));
});

it.each(['crash', 'close'] as const)('%s ends the worker once, at its step', async (kind) => {
  const ended: string[] = [];
  const opened = await booted(null, { onEnd: (how) => void ended.push(how) });
  plant(opened, kind, 'backward', 2);
  await trained(opened, 1, quiet);
  expect(ended).toEqual([]);
  await goOn(opened, 2);
  await rests(opened, 3);
  expect(ended).toEqual([kind]);
});

it.skipIf(testBackend() === 'webgpu')('a device that is not there cannot be lost', async () => {
  const opened = await booted();
  const { hasStruck } = plant(opened, 'lose-device', 'forward', 1);
  await trained(opened, 2, quiet);
  expect(hasStruck()).toBe(false);
});
