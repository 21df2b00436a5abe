// Spawns the engine's worker and gives the page its end of the channel. The worker is named by URL only: no engine code is imported.
import { createClient, type Client, type Port } from '../protocol/channel';
import type { EngineError } from '../protocol/errors';

export interface Connection {
  readonly client: Client;
  /** Ends the worker and everything that was asked of it (code 'cancelled'). */
  stop(): void;
}

interface WorkerPort extends Port {
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'error' | 'messageerror', listener: (event: Event) => void): void;
  terminate(): void;
}

/** A hidden page draws no frames, but must not hold the engine's news back for ever: then a slow timer stands in. */
const HIDDEN_ACKNOWLEDGE_MS = 1000;

function afterDraw(callback: () => void): void {
  let done = false;
  const once = (): void => {
    if (done) return;
    done = true;
    callback();
  };
  requestAnimationFrame(once);
  setTimeout(once, HIDDEN_ACKNOWLEDGE_MS);
}

/** Starts a worker. `onCrash` is called once when the worker dies by itself; all open requests end with the same error. */
export function startEngine(onCrash: (error: EngineError) => void): Connection {
  const worker: WorkerPort = new Worker(new URL('../worker/main.ts', import.meta.url), { type: 'module', name: 'engine' });
  const client = createClient(worker, { afterDraw });
  let alive = true;
  const end = (error: EngineError): void => {
    alive = false;
    worker.terminate();
    client.close(error);
  };
  const crash = (detail: string): void => {
    if (!alive) return;
    const error: EngineError = { code: 'internal', detail };
    end(error);
    onCrash(error);
  };
  // A worker whose script cannot be loaded reports a plain event without a message.
  worker.addEventListener('error', (event) =>
    crash('message' in event && typeof event.message === 'string' ? event.message : 'the worker could not start'),
  );
  worker.addEventListener('messageerror', () => crash('a message could not be read'));
  return { client, stop: () => alive && end({ code: 'cancelled' }) };
}
