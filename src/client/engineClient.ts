// Spawns the engine's worker and gives the page its end of the channel. The worker is named by URL only: no engine code is imported.
import { createClient, type Client, type Port } from '../protocol/channel';
import type { EngineError } from '../protocol/errors';
import type { Topic } from '../protocol/events';
import { createPace } from './pace';

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
const HIDDEN_FRAME_MS = 1000;

function frame(began: () => void, drawn: () => void): void {
  let isDone = false;
  const done = (): void => {
    if (isDone) return;
    isDone = true;
    drawn();
  };
  requestAnimationFrame(() => {
    began();
    // Layout and painting come before the next task.
    setTimeout(done);
  });
  setTimeout(done, HIDDEN_FRAME_MS);
}

/** What comes with every step. Other news is rare, and a change of phase is shown at once. */
const LIVE: ReadonlySet<Topic> = new Set<Topic>(['steps', 'batch', 'stepTraces']);

/** Between two looks whether a worker lives, until it does. */
const LOOK_EVERY_MS = 500;

/**
 * Resolves to true once the worker `name` is dead, to false when nobody wants to know any more. A living worker holds a lock of its name
 * (worker/main.ts), which the browser frees with it; a slow one keeps it, so that a long step is no death. Never resolves to true over plain http, where there are no locks.
 */
async function watchLife(name: string, signal: AbortSignal): Promise<boolean> {
  const { locks } = (globalThis as { readonly navigator?: Partial<Pick<Navigator, 'locks'>> }).navigator ?? {};
  if (!locks) return false;
  const lives = async (): Promise<boolean> => (await locks.query()).held?.some((lock) => lock.name === name) ?? false;
  try {
    while (!(await lives())) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      signal.throwIfAborted();
    }
    await locks.request(name, { signal }, () => undefined);
    return true;
  } catch {
    return false; // stopped on purpose, or the page is being left
  }
}

/** Starts a worker. `onCrash` is called once when the worker dies by itself; all open requests end with the same error. */
export function startEngine(onCrash: (error: EngineError) => void): Connection {
  const name = `switchyard.engine.${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
  const worker: WorkerPort = new Worker(new URL('../worker/main.ts', import.meta.url), { type: 'module', name });
  const pace = createPace({ now: () => performance.now(), frame, later: (callback, ms) => void setTimeout(callback, ms) });
  const client = createClient(worker, {
    draw: ({ topic, payload }, show, drawn) => {
      if (LIVE.has(topic)) return pace.draw(show, drawn);
      // The last figures of a run that rests are not held back.
      if (topic === 'phase' && payload.phase !== 'training') pace.hurry();
      show();
      drawn();
    },
  });
  let alive = true;
  const watch = new AbortController();
  const end = (error: EngineError): void => {
    alive = false;
    watch.abort();
    worker.terminate();
    pace.stop();
    client.close(error);
  };
  const crash = (detail: string): void => {
    if (!alive) return;
    const error: EngineError = { code: 'engine-crashed', detail };
    end(error);
    onCrash(error);
  };
  // A worker whose script cannot be loaded reports a plain event without a message.
  worker.addEventListener('error', (event) =>
    crash('message' in event && typeof event.message === 'string' ? event.message : 'the worker could not start'),
  );
  void watchLife(name, watch.signal).then((isDead) => isDead && crash('the worker ended without a word'));
  worker.addEventListener('messageerror', () => crash('a message could not be read'));
  return { client, stop: () => alive && end({ code: 'cancelled' }) };
}
