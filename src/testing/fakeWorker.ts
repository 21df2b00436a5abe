// Workers whose other side is the fake engine, for tests of the stores in Node.
import { afterEach, beforeEach, vi } from 'vitest';
import { createFakeEngine, type FakeEngineOptions } from './fakeEngine';

export interface FakeEngines {
  /** How engines that start from now on behave. */
  options: FakeEngineOptions;
  /** Started in this test, oldest first. */
  workers: EventTarget[];
  /** What they were asked, oldest first. */
  commands: string[];
  /** The newest command of each kind. */
  readonly newest: Map<string, unknown>;
}

/** Gives every test of a file fake workers, and takes them back. */
export function useFakeEngines(): FakeEngines {
  const engines: FakeEngines = { options: {}, workers: [], commands: [], newest: new Map() };

  class FakeWorker extends EventTarget {
    private readonly channel = new MessageChannel();
    constructor() {
      super();
      engines.workers.push(this);
      createFakeEngine(this.channel.port2, engines.options);
      this.channel.port1.addEventListener('message', ({ data }) => this.dispatchEvent(new MessageEvent('message', { data })));
      this.channel.port1.start();
      this.channel.port2.start();
    }
    postMessage(message: unknown): void {
      const { command } = message as { readonly command?: { readonly kind: string } };
      if (command) {
        engines.commands.push(command.kind);
        engines.newest.set(command.kind, command);
      }
      this.channel.port1.postMessage(message);
    }
    terminate(): void {
      this.channel.port1.close();
    }
  }

  beforeEach(() => {
    engines.options = {};
    engines.workers = [];
    engines.commands = [];
    engines.newest.clear();
    vi.stubGlobal('Worker', FakeWorker);
    vi.stubGlobal('requestAnimationFrame', (callback: () => void) => setTimeout(callback, 1));
  });
  afterEach(() => vi.unstubAllGlobals());
  return engines;
}
