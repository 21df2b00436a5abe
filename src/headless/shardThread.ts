// A helper's thread in Node.
import { parentPort } from 'node:worker_threads';
import { assert } from '../core/assert';
import { sharedClock } from '../worker/sharedClock';
import { createShardHelper } from '../worker/shardHelper';
import type { ToHelper } from '../worker/shardMessages';

assert(parentPort !== null, 'shardThread runs in a thread of its own');
const port = parentPort;
const take = createShardHelper({
  post: (message, transfer) => port.postMessage(message, transfer),
  wasmPath: undefined,
  clock: sharedClock,
});
port.on('message', (message: ToHelper) => take(message));
