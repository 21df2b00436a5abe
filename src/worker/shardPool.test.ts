// Shards computed elsewhere: the same bits, whoever computes them and whatever becomes of the helpers.
import { afterEach, describe, expect, it } from 'vitest';
import { booted, closePages, config, scalarsOf, routingOf, trained, until, phaseOf } from '../testing/enginePage';
import { testBackend } from '../testing/backend';
import { valueOf } from '../testing/fixtureModel';
import { createShardHelper } from './shardHelper';
import type { FromHelper, HelperPort, ToHelper } from './shardMessages';
import { automaticWorkers } from './shardPool';

afterEach(closePages);

const settings = { ...config, train: { ...config.train, shards: 4, validationEvery: 0, sampleEvery: 0 } };

interface Watched {
  readonly spawn: () => HelperPort;
  readonly ports: { readonly die: () => void; readonly stepsTaken: () => number; readonly isOver: () => boolean }[];
}

/** Helpers on the tensor library of this very test; messages take turns as between threads. */
function helpers(spoil: (message: FromHelper, index: number) => FromHelper | null = (message) => message): Watched {
  const ports: Watched['ports'] = [];
  const spawn = (): HelperPort => {
    const index = ports.length;
    let listener: (message: FromHelper) => void = () => undefined;
    let onDeath = (): void => undefined;
    let isOver = false;
    let steps = 0;
    const take = createShardHelper({
      post: (message) => {
        const told = spoil(message, index);
        if (told) queueMicrotask(() => !isOver && listener(told));
      },
      wasmPath: undefined,
      clock: () => performance.now(),
    });
    ports.push({ die: () => onDeath(), stepsTaken: () => steps, isOver: () => isOver });
    return {
      postMessage: (message: ToHelper) => {
        if (message.type === 'step') steps++;
        setTimeout(() => !isOver && take(structuredClone(message)), 0);
      },
      onMessage: (listen) => void (listener = listen),
      onDeath: (listen) => void (onDeath = listen),
      terminate: () => void (isOver = true),
    };
  };
  return { spawn, ports };
}

/** Trains `settings` alone for as many steps; its losses and loads are what every other way must repeat. */
async function alone(steps: number) {
  const opened = await booted();
  await trained(opened, steps, settings);
  return { losses: scalarsOf(opened).map(({ loss }) => loss), loads: routingOf(opened).map(({ load }) => [...load]) };
}

it('one core is left to the page', () => {
  expect([1, 2, 3, 4, 8, 64].map(automaticWorkers)).toEqual([1, 1, 2, 3, 7, 8]);
});

describe.runIf(testBackend() === 'wasm')('the pool', () => {
  it('gives the same bits with one, two, three or four workers', async () => {
    const expected = await alone(3);
    for (const count of [2, 3, 4]) {
      const { spawn, ports } = helpers();
      const opened = await booted(null, { spawnHelper: spawn });
      valueOf(await opened.client.request({ kind: 'workers', count }));
      valueOf(await opened.client.request({ kind: 'warmUp', config: settings }));
      await new Promise((resolve) => setTimeout(resolve, 300));
      await trained(opened, 3, settings);
      expect(scalarsOf(opened).map(({ loss }) => loss)).toEqual(expected.losses);
      expect(routingOf(opened).map(({ load }) => [...load])).toEqual(expected.loads);
      expect(scalarsOf(opened).at(-1)!.workers).toBe(count);
      expect(ports.map(({ stepsTaken }) => stepsTaken() > 0)).toEqual(Array.from({ length: count - 1 }, () => true));
    }
  });

  it('goes on alone, with the same bits, when a helper dies or fails in the middle of a step', async () => {
    const expected = await alone(4);
    const failing = helpers((message, index) =>
      index === 1 && message.type === 'shard' ? { type: 'failed', detail: 'no memory' } : message,
    );
    const opened = await booted(null, { spawnHelper: failing.spawn });
    valueOf(await opened.client.request({ kind: 'workers', count: 3 }));
    valueOf(await opened.client.request({ kind: 'createRun', config: settings }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    valueOf(await opened.client.request({ kind: 'step', count: 2 }));
    await until(() => scalarsOf(opened).length === 2 && phaseOf(opened)?.phase === 'paused');
    expect(failing.ports.map(({ isOver }) => isOver())).toEqual([false, true]);
    failing.ports[0]!.die();
    valueOf(await opened.client.request({ kind: 'step', count: 2 }));
    await until(() => scalarsOf(opened).length === 4 && phaseOf(opened)?.phase === 'paused');
    expect(scalarsOf(opened).map(({ loss }) => loss)).toEqual(expected.losses);
    expect(scalarsOf(opened).map(({ workers }) => workers)).toEqual([3, 2, 1, 1]);
  });

  it('the number can change in the middle of a run', async () => {
    const expected = await alone(4);
    const { spawn, ports } = helpers();
    const opened = await booted(null, { spawnHelper: spawn });
    await trained(opened, 2, settings);
    expect(ports).toEqual([]);
    valueOf(await opened.client.request({ kind: 'workers', count: 2 }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    valueOf(await opened.client.request({ kind: 'step', count: 1 }));
    await until(() => scalarsOf(opened).length === 3 && phaseOf(opened)?.phase === 'paused');
    valueOf(await opened.client.request({ kind: 'workers', count: 1 }));
    valueOf(await opened.client.request({ kind: 'step', count: 1 }));
    await until(() => scalarsOf(opened).length === 4 && phaseOf(opened)?.phase === 'paused');
    expect(scalarsOf(opened).map(({ loss }) => loss)).toEqual(expected.losses);
    expect(scalarsOf(opened).map(({ workers }) => workers)).toEqual([1, 1, 2, 1]);
    const refused = await opened.client.request({ kind: 'workers', count: 2.5 });
    expect(!refused.ok && refused.error).toEqual({ code: 'internal', detail: '2.5 workers; 0 to 16 can be asked for' });
  });
});
