// The engine in a dedicated worker of the browser.
import { createEngineEnd, type EngineEnd } from '../protocol/channel';
import type { FaultWays } from './faults';
import { browserPlace } from './keeping/browserPlace';
import type { Platform } from './platform';
import { Session } from './session';
import { sharedClock } from './sharedClock';
import type { FromHelper, HelperPort } from './shardMessages';
import { trustOwnWorkers } from './trustWorkers';

const base = new URL(import.meta.env.BASE_URL, self.location.origin);

trustOwnWorkers();

// Held for as long as this worker lives: the page sees by it that it does (client/engineClient.ts).
void (self.navigator as Partial<Pick<WorkerNavigator, 'locks'>>).locks?.request(self.name, () => new Promise(() => undefined));

/** A worker inside the worker; null in a browser that has none. */
function spawnHelper(): HelperPort | null {
  if (typeof Worker === 'undefined') return null;
  const worker = new Worker(new URL('./shardWorker.ts', import.meta.url), { type: 'module', name: 'shards' });
  return {
    postMessage: (message, transfer) => worker.postMessage(message, transfer),
    onMessage: (listener) => worker.addEventListener('message', ({ data }: MessageEvent<FromHelper>) => listener(data)),
    onDeath: (listener) => worker.addEventListener('error', () => listener()),
    terminate: () => worker.terminate(),
  };
}

const platform: Platform & Pick<FaultWays, 'end'> = {
  async readAsset(path, signal) {
    const response = await fetch(new URL(path, base), { signal: signal ?? null });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${response.statusText}`);
    return new Uint8Array(await response.arrayBuffer());
  },
  clock: sharedClock,
  // A message to oneself is a task of its own and, unlike a timer, is not slowed in a hidden tab.
  breathe: () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    }),
  freshId: () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join(''),
  end: (how) => {
    if (how === 'close') return self.close();
    setTimeout(() => {
      throw new Error('planned by ?debug=');
    });
  },
  cores: navigator.hardwareConcurrency || 1,
  spawnHelper,
  wasmPath: new URL('tfjs/', base).href,
};

const end: EngineEnd = createEngineEnd(
  {
    postMessage: (message, transfer) => self.postMessage(message, { transfer }),
    addEventListener: (type, listener) => self.addEventListener(type, listener),
  },
  new Session(platform, (topic, merge) => end.publish(topic, merge), browserPlace(platform.breathe)).handlers,
);
