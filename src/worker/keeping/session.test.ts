// Runs that outlive their page, over the whole door: a new engine on the same storage goes on to the bit; two tabs never write one run.
import { afterEach, describe, expect, it } from 'vitest';
import { encodeRunFile } from '../../checkpoint/runFile';
import { decodeRunState, type RunState } from '../../checkpoint/runState';
import { parameterSpecs } from '../../model/parameters';
import type { StepScalars } from '../../protocol/events';
import { testBackend } from '../../testing/backend';
import { booted, closePages, config, phaseOf, scalarsOf, sharedPlace, trained, until, type Page } from '../../testing/enginePage';
import { valueOf } from '../../testing/fixtureModel';
import { MemoryStore } from '../../testing/memoryStore';
import { StorageFailure } from './storageFailure';

afterEach(closePages);

const [half, whole] = testBackend() === 'wasm' ? [25, 50] : [3, 6];
const settings = { ...config, train: { ...config.train, validationEvery: 5, sampleEvery: 10 } };

async function stateOf({ client }: Page): Promise<RunState> {
  const { file } = valueOf(await client.request({ kind: 'exportRun' }));
  return valueOf(decodeRunState(new Uint8Array(await file.arrayBuffer()), parameterSpecs));
}
const withoutId = (state: RunState): RunState => ({ ...state, runId: '' });

async function goOn(opened: Page, count: number, to: number): Promise<void> {
  valueOf(await opened.client.request({ kind: 'step', count }));
  await until(() => phaseOf(opened)?.phase === 'paused' && scalarsOf(opened).at(-1)?.step === to);
}
const savedAt = (opened: Page, step: number): Promise<void> => until(() => opened.news.keeping.at(-1)?.saved === step);
/** Scalars without what a clock says. */
const untimed = (scalars: readonly StepScalars[]) => scalars.map((one) => ({ ...one, stepMs: 0 }));
const figuresOf = (opened: Page) => untimed(scalarsOf(opened));

async function straight(): Promise<{ state: RunState; figures: ReturnType<typeof figuresOf>; page: Page }> {
  const page = await booted();
  await trained(page, half, settings);
  valueOf(await page.client.request({ kind: 'change', change: { learningRate: 1e-3 } }));
  await goOn(page, whole - half, whole);
  return { state: await stateOf(page), figures: figuresOf(page), page };
}

describe('a run gone on with by another engine', () => {
  it('repeats the uninterrupted run exactly: every told figure and every tensor', async () => {
    const place = sharedPlace(new MemoryStore(), () => 7);
    const first = await booted(null, { place: place() });
    const { runId } = await trained(first, half, settings);
    valueOf(await first.client.request({ kind: 'change', change: { learningRate: 1e-3 } }));
    await savedAt(first, half);
    const second = await booted(null, { place: place() });
    const [kept] = valueOf(await second.client.request({ kind: 'keptRuns' })).runs;
    expect(kept).toMatchObject({ runId, step: half, savedAt: 7, isElsewhere: true });
    const resumed = valueOf(await second.client.request({ kind: 'resumeRun', runId, takeOver: true }));
    expect([resumed.step, resumed.differs, resumed.info.runId]).toEqual([half, [], runId]);
    expect(resumed.config.train.learningRate).toBe(1e-3);
    await goOn(second, whole - half, whole);
    // Read before another engine starts: in one page a new one takes the graphics device of the one before.
    const state = await stateOf(second);
    const expected = await straight();
    expect(withoutId(state)).toEqual(withoutId(expected.state));
    const told = [...untimed(resumed.history.scalars), ...figuresOf(second)];
    expect(told).toEqual(expected.figures);
    const judged = (page: Page) => page.news.validation.flatMap(({ results }) => results);
    expect([...resumed.history.validation, ...judged(second)]).toEqual(judged(expected.page));
    const samples = (page: Page) => page.news.samples.flatMap(({ results }) => results);
    expect([...resumed.history.samples, ...samples(second)]).toEqual(samples(expected.page));
    expect(resumed.history.baselines).toEqual(expected.page.news.baselines[0]!.baselines);
    expect(resumed.history.routing.map(({ step }) => step)).toEqual(Array.from({ length: half }, (_, index) => index + 1));
  });

  it('goes on from its file as well, also where a run of the same id is kept', async () => {
    const first = await booted();
    const { runId } = await trained(first, 3, settings);
    const { file } = valueOf(await first.client.request({ kind: 'exportRun' }));
    await goOn(first, 1, 4);
    await savedAt(first, 4);
    const twin = valueOf(await first.client.request({ kind: 'importRun', file }));
    expect([twin.step, twin.info.runId === runId]).toEqual([3, false]);
    const second = await booted();
    const again = valueOf(await second.client.request({ kind: 'importRun', file }));
    expect([again.step, again.info.runId]).toEqual([3, runId]);
    await goOn(second, 1, 4);
    expect(figuresOf(second)).toEqual([figuresOf(first)[3]]);
    await until(() => second.news.keeping.some(({ saved }) => saved === 4));
  });

  it('a file that is no run state, or learned from another text, is named and changes nothing', async () => {
    const opened = await booted();
    await trained(opened, 1, settings);
    for (const file of [new Blob([]), new Blob([new Uint8Array(64)])]) {
      const refused = await opened.client.request({ kind: 'importRun', file });
      expect(!refused.ok && refused.error).toMatchObject({
        code: 'run-unreadable',
        detail: expect.stringContaining('container'),
      });
    }
    const { file } = valueOf(await opened.client.request({ kind: 'exportRun' }));
    const bytes = new Uint8Array(await file.arrayBuffer());
    const state = valueOf(decodeRunState(bytes, parameterSpecs));
    const identity = { ...state.identity, corpus: '0'.repeat(64) };
    const written = new Blob([await encodeRunFile({ ...state, identity }, parameterSpecs)]);
    const other = await opened.client.request({ kind: 'importRun', file: written });
    expect(!other.ok && other.error.code).toBe('run-other-text');
    bytes[bytes.length - 4]! ^= 1;
    const damaged = await opened.client.request({ kind: 'importRun', file: new Blob([bytes]) });
    expect(!damaged.ok && damaged.error).toMatchObject({
      code: 'run-unreadable',
      detail: expect.stringContaining('checksum'),
    });
    expect(phaseOf(opened)).toMatchObject({ phase: 'paused', step: 1 });
  });
});

describe('two tabs', () => {
  // In a test both tabs are one page, where a second engine would take the first one's graphics device.
  it.skipIf(testBackend() === 'webgpu')(
    'the second is told, and asks before it takes over; the first saves, stops and says so',
    async () => {
      const place = sharedPlace(new MemoryStore());
      const first = await booted(null, { place: place() });
      const { runId } = await trained(first, 1, settings);
      await savedAt(first, 1);
      valueOf(await first.client.request({ kind: 'play' }));
      await until(() => scalarsOf(first).length > 3);
      const second = await booted(null, { place: place() });
      const refused = await second.client.request({ kind: 'resumeRun', runId, takeOver: false });
      expect(!refused.ok && refused.error.code).toBe('run-elsewhere');
      const discarded = await second.client.request({ kind: 'discardRun', runId });
      expect(!discarded.ok && discarded.error.code).toBe('run-elsewhere');
      const resumed = valueOf(await second.client.request({ kind: 'resumeRun', runId, takeOver: true }));
      await until(() => phaseOf(first)?.phase === 'failed');
      expect(phaseOf(first)).toMatchObject({ step: resumed.step, error: { code: 'run-elsewhere' } });
      expect(resumed.step).toBe(scalarsOf(first).at(-1)!.step);
      valueOf(await first.client.request({ kind: 'play' }));
      await goOn(second, 1, resumed.step + 1);
      await savedAt(second, resumed.step + 1);
      expect(scalarsOf(first).at(-1)!.step).toBe(resumed.step);
      const { runs } = valueOf(await first.client.request({ kind: 'keptRuns' }));
      expect(runs).toMatchObject([{ runId, step: resumed.step + 1, isElsewhere: true }]);
      const back = valueOf(await first.client.request({ kind: 'resumeRun', runId, takeOver: true }));
      expect(back.step).toBe(resumed.step + 1);
      await until(() => phaseOf(second)?.phase === 'failed');
    },
  );

  it.skipIf(testBackend() === 'webgpu')(
    'a run that another tab takes while it is being prepared is not trained here',
    async () => {
      class Waiting extends MemoryStore {
        asked = 0;
        gate: Promise<void> = Promise.resolve();
        override async read(name: string): Promise<Uint8Array | null> {
          if (name.endsWith('.ladder.a.commit')) {
            this.asked++;
            await this.gate;
          }
          return super.read(name);
        }
      }
      const store = new Waiting();
      const place = sharedPlace(store);
      const first = await booted(null, { place: place() });
      const { runId } = await trained(first, 1, settings);
      await savedAt(first, 1);
      await trained(first, 1, settings);
      let open = (): void => undefined;
      store.asked = 0;
      store.gate = new Promise((resolve) => (open = resolve));
      const resume = (page: Page, takeOver: boolean) => page.client.request({ kind: 'resumeRun', runId, takeOver });
      const [second, third] = [await booted(null, { place: place() }), await booted(null, { place: place() })];
      const slow = resume(second, false);
      await until(() => store.asked === 1);
      const taking = resume(third, true);
      await until(() => store.asked === 2);
      open();
      const refused = await slow;
      expect(!refused.ok && refused.error).toEqual({ code: 'run-elsewhere', detail: runId });
      expect(valueOf(await taking).step).toBe(1);
      await goOn(third, 1, 2);
      await savedAt(third, 2);
      const none = await second.client.request({ kind: 'step', count: 1 });
      expect(!none.ok && none.error.code).toBe('no-run');
    },
  );

  it('a run whose tab made another one is free', async () => {
    const place = sharedPlace(new MemoryStore());
    const first = await booted(null, { place: place() });
    const { runId } = await trained(first, 2, settings);
    await trained(first, 1, settings);
    const second = await booted(null, { place: place() });
    const { runs } = valueOf(await second.client.request({ kind: 'keptRuns' }));
    expect(runs.find((run) => run.runId === runId)).toMatchObject({ step: 2, isElsewhere: false });
    valueOf(await second.client.request({ kind: 'discardRun', runId }));
    const gone = await second.client.request({ kind: 'resumeRun', runId, takeOver: false });
    expect(!gone.ok && gone.error.code).toBe('storage-damaged');
  });
});

describe('storage that refuses', () => {
  it('is told with its reason, while training goes on', async () => {
    class Full extends MemoryStore {
      override write(): Promise<void> {
        return Promise.reject(new StorageFailure('full', 'QuotaExceededError: no room'));
      }
    }
    const opened = await booted(null, { place: sharedPlace(new Full())() });
    await trained(opened, 2, settings);
    await until(() => opened.news.keeping.some(({ error }) => error !== null));
    expect(opened.news.keeping.at(-1)).toMatchObject({ saved: null, error: { code: 'storage-full' } });
    await goOn(opened, 1, 3);
  });

  it('where there is none, says so in place of a list', async () => {
    const place = {
      ...sharedPlace(new MemoryStore())(),
      openStore: () => Promise.reject(new StorageFailure('denied', 'private')),
    };
    const opened = await booted(null, { place });
    const kept = valueOf(await opened.client.request({ kind: 'keptRuns' }));
    expect(kept).toEqual({ place: 'nowhere', runs: [], next: [], error: { code: 'storage-denied', detail: 'private' } });
    await trained(opened, 1, settings);
    await until(() => opened.news.keeping.some(({ error }) => error?.code === 'storage-denied'));
  });
});
