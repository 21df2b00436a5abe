// Several tabs of one browser, in one test: what they tell each other, and the part of a browser's lock manager that run locks use, after
// the standard: a request waits, is refused, is given up, or steals.
import type { Whispers } from '../worker/keeping/runLocks';

/** Channels between tabs: what one says, all others hear. Each call opens one. */
export function tabs(): () => Whispers {
  const ends: ((event: { readonly data: unknown }) => void)[][] = [];
  return () => {
    const own: (typeof ends)[number] = [];
    ends.push(own);
    return {
      postMessage: (data) => {
        for (const end of ends) if (end !== own) for (const listener of end) setTimeout(() => listener({ data }), 0);
      },
      addEventListener: (_type, listener) => void own.push(listener),
    };
  };
}

type Granted = (lock: Lock | null) => unknown;

interface Entry {
  readonly name: string;
  /** Ends the holder's request with an AbortError. */
  readonly robbed: () => void;
}

export class FakeLocks implements Pick<LockManager, 'request' | 'query'> {
  private readonly holders = new Map<string, Entry>();
  private readonly waiting = new Map<string, (() => void)[]>();

  query(): Promise<LockManagerSnapshot> {
    return Promise.resolve({ held: [...this.holders.keys()].map((name) => ({ name })), pending: [] });
  }

  async request(name: string, optionsOrCallback: LockOptions | Granted, maybeCallback?: Granted): Promise<never> {
    const options = typeof optionsOrCallback === 'function' ? {} : optionsOrCallback;
    const callback = typeof optionsOrCallback === 'function' ? optionsOrCallback : maybeCallback!;
    await Promise.resolve();
    if (options.steal) {
      this.holders.get(name)?.robbed();
      this.holders.delete(name);
    }
    if (options.ifAvailable && this.holders.has(name)) return callback(null) as never;
    while (this.holders.has(name)) await this.turn(name, options.signal);
    return (await this.held(name, callback)) as never;
  }

  private turn(name: string, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.set(name, [...(this.waiting.get(name) ?? []), resolve]);
      signal?.addEventListener('abort', () => reject(signal.reason as Error));
    });
  }

  private async held(name: string, callback: Granted): Promise<unknown> {
    let robbed = (): void => undefined;
    const robbery = new Promise<never>((_, reject) => {
      robbed = () => reject(new DOMException('stolen', 'AbortError'));
    });
    const entry: Entry = { name, robbed };
    this.holders.set(name, entry);
    try {
      return await Promise.race([Promise.resolve(callback({ name, mode: 'exclusive' })), robbery]);
    } finally {
      if (this.holders.get(name) === entry) this.holders.delete(name);
      for (const next of this.waiting.get(name)?.splice(0) ?? []) next();
    }
  }
}
