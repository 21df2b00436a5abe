// Both ends of the channel, talking to each other over a real MessageChannel.
import { afterEach, describe, expect, test } from 'vitest';
import { err, ok } from '../core/result';
import { createClient, createEngineEnd, type ClientOptions, type Handlers, type RequestContext } from './channel';
import type { EngineInfo } from './commands';
import type { RunPhase, StepScalars, Topics } from './events';

const info: EngineInfo = { backend: 'wasm', reason: 'no-hardware-adapter', device: '', failures: [], available: ['wasm', 'cpu'] };

const ports: MessagePort[] = [];
afterEach(() => ports.splice(0).forEach((port) => port.close()));

const unused = (): never => {
  throw new Error('not handled in this test');
};
const noHandlers: Handlers = {
  boot: unused,
  corpus: unused,
  workers: unused,
  warmUp: unused,
  createRun: unused,
  play: unused,
  pause: unused,
  step: unused,
  change: unused,
  samplePrompt: unused,
  sample: unused,
  runLog: unused,
  plantFault: unused,
  shelf: unused,
  traceSteps: unused,
  trace: unused,
  attention: unused,
  routes: unused,
  generate: unused,
  sweep: unused,
  keptRuns: unused,
  resumeRun: unused,
  discardRun: unused,
  pinRun: unused,
  exportRun: unused,
  importRun: unused,
  keepSnapshots: unused,
  takeSnapshot: unused,
  runSnapshots: unused,
  storageRoom: unused,
  stepBack: unused,
  momentConfig: unused,
  momentRoutes: unused,
  drift: unused,
  branchRun: unused,
  exportModel: unused,
  importModel: unused,
  measureModel: unused,
};

function pair(handlers: Partial<Handlers>, options?: ClientOptions) {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  const engine = createEngineEnd(port2, { ...noHandlers, ...handlers });
  const client = createClient(port1, options);
  port1.start();
  port2.start();
  return { engine, client };
}

/** A page that shows what comes at once and is done drawing it when told so. */
function lateDrawing() {
  const ready: (() => void)[] = [];
  const draw: ClientOptions['draw'] = (_, show, drawn) => {
    show();
    ready.push(drawn);
  };
  return { ready, draw };
}

/** Messages are delivered in order, so a request answered means that everything before it has arrived. */
const settled = async (client: ReturnType<typeof createClient>) => {
  await client.request({ kind: 'pause' });
  await client.request({ kind: 'pause' });
};
const pause = () => ok(null);
const paused = (step: number): RunPhase => ({ phase: 'paused', step });

describe('requests', () => {
  test('a reply reaches the request that asked, whatever order the answers come in', async () => {
    let release = (): void => {};
    const { client } = pair({
      boot: () => new Promise((resolve) => (release = () => resolve(ok(info)))),
      step: (command) => err({ code: 'no-run', detail: String(command.count) }),
    });
    const boot = client.request({ kind: 'boot', backend: 'auto' });
    const step = await client.request({ kind: 'step', count: 7 });
    release();
    expect(step).toEqual(err({ code: 'no-run', detail: '7' }));
    expect(await boot).toEqual(ok(info));
  });

  test('progress comes between a request and its reply', async () => {
    const { client } = pair({
      boot: (_, { progress }) => {
        progress({ stage: 'loading-backend', done: 1, total: 2 });
        progress({ stage: 'compiling', done: 2, total: 2 });
        return ok(info);
      },
    });
    const stages: string[] = [];
    await client.request({ kind: 'boot', backend: 'auto' }, { onProgress: ({ stage }) => stages.push(stage) });
    expect(stages).toEqual(['loading-backend', 'compiling']);
  });

  test('a cancel reaches the handler of that request and of no other', async () => {
    const aborted: string[] = [];
    const hang = (name: string, context: RequestContext) =>
      new Promise<ReturnType<typeof err<{ code: 'cancelled' }>>>((resolve) =>
        context.signal.addEventListener('abort', () => {
          aborted.push(name);
          resolve(err({ code: 'cancelled' }));
        }),
      );
    const { client } = pair({
      boot: (_, context) => hang('boot', context),
      corpus: (_, context) => hang('corpus', context),
      pause,
    });
    const controller = new AbortController();
    const boot = client.request({ kind: 'boot', backend: 'auto' }, { signal: controller.signal });
    void client.request({ kind: 'corpus' });
    controller.abort();
    expect(await boot).toEqual(err({ code: 'cancelled' }));
    await settled(client);
    expect(aborted).toEqual(['boot']);
  });

  test('a failure carries its code and its fields; a throw becomes internal with its message', async () => {
    const fields = [{ field: 'model.headDim', value: 3, rule: 'even' as const, params: {} }];
    const { client } = pair({
      runLog: () => err({ code: 'invalid-config', fields }),
      play: () => {
        throw new Error('load has 3 experts, bias 4');
      },
    });
    expect(await client.request({ kind: 'runLog' })).toEqual(err({ code: 'invalid-config', fields }));
    expect(await client.request({ kind: 'play' })).toEqual(err({ code: 'internal', detail: 'load has 3 experts, bias 4' }));
  });

  test('closing ends open and later requests with the given error', async () => {
    const { client } = pair({ boot: () => new Promise(() => {}) });
    const boot = client.request({ kind: 'boot', backend: 'auto' });
    client.close({ code: 'internal', detail: 'the worker stopped' });
    expect(await boot).toEqual(err({ code: 'internal', detail: 'the worker stopped' }));
    expect(await client.request({ kind: 'pause' })).toEqual(err({ code: 'internal', detail: 'the worker stopped' }));
  });
});

describe('topics', () => {
  test('the newest message wins and one is in flight: what piles up until the page is ready comes as one', async () => {
    const { ready, draw } = lateDrawing();
    const { client, engine } = pair({ pause }, { draw });
    const seen: RunPhase[] = [];
    client.subscribe('phase', (phase) => seen.push(phase));
    await settled(client);
    for (let step = 1; step <= 5; step++) engine.publish('phase', () => paused(step));
    await settled(client);
    expect(seen).toEqual([paused(1)]);
    ready.shift()?.();
    await settled(client);
    expect(seen).toEqual([paused(1), paused(5)]);
    ready.shift()?.();
    await settled(client);
    expect(seen).toHaveLength(2);
  });

  test('a topic that merges loses nothing while it waits', async () => {
    const { ready, draw } = lateDrawing();
    const { client, engine } = pair({ pause }, { draw });
    const seen: number[] = [];
    client.subscribe('steps', ({ scalars }) => seen.push(...scalars.map(({ step }) => step)));
    await settled(client);
    const scalar = (step: number) => ({ step }) as StepScalars;
    for (let step = 1; step <= 4; step++) {
      engine.publish('steps', (waiting): Topics['steps'] => ({
        runId: 'r',
        scalars: [...(waiting?.scalars ?? []), scalar(step)],
        routing: [],
      }));
    }
    await settled(client);
    ready.shift()?.();
    await settled(client);
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  test('what was published before anyone listened arrives with the subscription', async () => {
    const { client, engine } = pair({ pause });
    engine.publish('phase', () => paused(3));
    const seen: RunPhase[] = [];
    client.subscribe('phase', (phase) => seen.push(phase));
    await settled(client);
    expect(seen).toEqual([paused(3)]);
  });

  test('nothing arrives after the last listener left', async () => {
    const { client, engine } = pair({ pause });
    const seen: RunPhase[] = [];
    const leave = client.subscribe('phase', (phase) => seen.push(phase));
    await settled(client);
    leave();
    await settled(client);
    engine.publish('phase', () => paused(1));
    await settled(client);
    expect(seen).toEqual([]);
  });

  test('typed arrays are handed over, not copied; one that shares its buffer is refused', async () => {
    const { client, engine } = pair({ pause });
    let got: Float32Array | null = null;
    client.subscribe('validation', ({ results }) => (got = results[0]?.load ?? null));
    await settled(client);
    const overall = { tokens: 1, nats: 1, bitsPerByte: 1, bitsPerCharacter: 1 };
    const load = Float32Array.of(1, 2, 3);
    engine.publish('validation', () => ({ runId: 'r', results: [{ step: 1, overall, domains: [], load }] }));
    await settled(client);
    expect(got).toEqual(Float32Array.of(1, 2, 3));
    expect(load.byteLength).toBe(0);
    const part = new Float32Array(8).subarray(2, 4);
    expect(() =>
      engine.publish('validation', () => ({ runId: 'r', results: [{ step: 2, overall, domains: [], load: part }] })),
    ).toThrow(/8 bytes shares a buffer of 32/);
  });
});
