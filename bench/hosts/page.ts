// A contestant in a page of its own; the bench calls it from outside.
import type { FromHelper, HelperPort } from '../../src/worker/shardMessages';
import { create } from '../contestants/create';
import type { Contestant, ContestantSpec, Start, Stretch } from '../contestants/contestant';

export interface PageBench {
  start(spec: ContestantSpec): Promise<Start>;
  time(steps: number): Promise<Stretch>;
}

declare global {
  interface Window {
    bench: PageBench;
  }
}

function spawnHelper(): HelperPort {
  const worker = new Worker(new URL('../../src/worker/shardWorker.ts', import.meta.url), { type: 'module' });
  return {
    postMessage: (message, transfer) => worker.postMessage(message, transfer),
    onMessage: (listener) => worker.addEventListener('message', ({ data }: MessageEvent<FromHelper>) => listener(data)),
    onDeath: (listener) => worker.addEventListener('error', () => listener()),
    terminate: () => worker.terminate(),
  };
}

let contestant: Contestant;

window.bench = {
  async start(spec) {
    contestant = await create(spec, { spawn: spawnHelper, wasmPath: new URL('/tfjs/', location.origin).href });
    return contestant.start();
  },
  time: (steps) => contestant.time(steps),
};
