// What our contestant needs of a page, or of a worker of it.
import type { FromHelper, HelperPort } from '../../src/worker/shardMessages';
import type { OursPlatform } from '../contestants/ours';

function spawnHelper(): HelperPort {
  const worker = new Worker(new URL('../../src/worker/shardWorker.ts', import.meta.url), { type: 'module' });
  return {
    postMessage: (message, transfer) => worker.postMessage(message, transfer),
    onMessage: (listener) => worker.addEventListener('message', ({ data }: MessageEvent<FromHelper>) => listener(data)),
    onDeath: (listener) => worker.addEventListener('error', () => listener()),
    terminate: () => worker.terminate(),
  };
}

export const pagePlatform = (): OursPlatform => ({ spawn: spawnHelper, wasmPath: new URL('/tfjs/', location.origin).href });
