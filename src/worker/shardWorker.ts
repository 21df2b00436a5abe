// A helper's worker in the browser.
import { createShardHelper } from './shardHelper';
import type { ToHelper } from './shardMessages';
import { sharedClock } from './sharedClock';

const take = createShardHelper({
  post: (message, transfer) => self.postMessage(message, { transfer }),
  wasmPath: new URL('tfjs/', new URL(import.meta.env.BASE_URL, self.location.origin)).href,
  clock: sharedClock,
});
self.addEventListener('message', ({ data }: MessageEvent<ToHelper>) => take(data));
