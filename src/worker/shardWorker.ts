// A helper's worker in the browser.
import { createShardHelper } from './shardHelper';
import type { ToHelper } from './shardMessages';

const take = createShardHelper({
  post: (message, transfer) => self.postMessage(message, { transfer }),
  wasmPath: new URL('tfjs/', new URL(import.meta.env.BASE_URL, self.location.origin)).href,
});
self.addEventListener('message', ({ data }: MessageEvent<ToHelper>) => take(data));
