// A helper's worker thread in Node.
import { parentPort } from 'node:worker_threads';
import { sharedClock } from '../../src/worker/sharedClock';
import { createShardHelper } from '../../src/worker/shardHelper';
import type { ToHelper } from '../../src/worker/shardMessages';

const port = parentPort!;
const take = createShardHelper({
  post: (message, transfer) => port.postMessage(message, transfer),
  wasmPath: undefined,
  clock: sharedClock,
});
port.on('message', (message: ToHelper) => take(message));
