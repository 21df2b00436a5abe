// A contestant in a process of its own: takes requests from its parent one at a time.
import { Worker } from 'node:worker_threads';
import type { FromHelper, HelperPort } from '../../src/worker/shardMessages';
import { createHost } from './answer';
import type { Request } from './messages';

function spawnHelper(): HelperPort {
  const worker = new Worker(new URL('./shardThread.js', import.meta.url));
  return {
    postMessage: (message, transfer) => worker.postMessage(message, transfer),
    onMessage: (listener) => void worker.on('message', (message: FromHelper) => listener(message)),
    onDeath: (listener) => void worker.on('error', () => listener()),
    terminate: () => void worker.terminate(),
  };
}

const answer = createHost({ spawn: spawnHelper, wasmPath: undefined });

process.on('message', (request: Request) => void answer(request).then((reply) => process.send!(reply)));
process.on('disconnect', () => process.exit());
