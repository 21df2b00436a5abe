// A contestant in a process of its own: takes requests from its parent one at a time.
import { Worker } from 'node:worker_threads';
import type { FromHelper, HelperPort } from '../../src/worker/shardMessages';
import type { Contestant } from '../contestants/contestant';
import { create } from '../contestants/create';
import type { Reply, Request } from './messages';

function spawnHelper(): HelperPort {
  const worker = new Worker(new URL('./shardThread.js', import.meta.url));
  return {
    postMessage: (message, transfer) => worker.postMessage(message, transfer),
    onMessage: (listener) => void worker.on('message', (message: FromHelper) => listener(message)),
    onDeath: (listener) => void worker.on('error', () => listener()),
    terminate: () => void worker.terminate(),
  };
}

let contestant: Contestant | undefined;

async function answer(request: Request): Promise<Reply> {
  if (request.ask === 'start') {
    contestant = await create(request.spec, { spawn: spawnHelper, wasmPath: undefined });
    return { is: 'start', start: await contestant.start() };
  }
  if (!contestant) throw new Error('asked to run before it was started');
  return { is: 'stretch', stretch: await contestant.time(request.steps) };
}

process.on('message', (request: Request) => {
  answer(request)
    .catch((thrown: unknown): Reply => ({
      is: 'failed',
      detail: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
    }))
    .then((reply) => process.send!(reply));
});
process.on('disconnect', () => process.exit());
