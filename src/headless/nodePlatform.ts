// Node as the place the engine runs in: files, a clock, threads.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Platform } from '../worker/platform';
import { sharedClock } from '../worker/sharedClock';
import type { FromHelper, HelperPort } from '../worker/shardMessages';

export interface Places {
  /** Where corpus/ lies. */
  readonly publicFolder: string;
  /** The built shardThread.ts; left out, there are no helpers. */
  readonly shardThread?: URL;
}

export function nodePlatform({ publicFolder, shardThread }: Places): Platform {
  return {
    // A plain array of its own: a Buffer is a view whose `slice` shares its memory.
    readAsset: async (path, signal) => new Uint8Array(await readFile(join(publicFolder, path), { signal })),
    clock: sharedClock,
    breathe: () => new Promise((resolve) => setImmediate(resolve)),
    freshId: () => randomBytes(8).toString('hex'),
    cores: availableParallelism(),
    spawnHelper: () => (shardThread ? threadPort(shardThread) : null),
    wasmPath: undefined,
  };
}

function threadPort(file: URL): HelperPort {
  const thread = new Worker(file);
  return {
    postMessage: (message, transfer) => thread.postMessage(message, transfer),
    onMessage: (listener) => void thread.on('message', (message: FromHelper) => listener(message)),
    onDeath: (listener) => void thread.on('error', listener).on('exit', listener),
    terminate: () => void thread.terminate(),
  };
}
