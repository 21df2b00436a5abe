// What the engine needs of the place it runs in. The browser's worker and Node each bring their own.
import type { HelperPort } from './shardMessages';

export interface Platform {
  /** Bytes of a file the product ships, by its path under public/. Rejects when it is not there, or once `signal` aborts. */
  readAsset(path: string, signal?: AbortSignal): Promise<Uint8Array>;
  /** Milliseconds that only ever grow, the same in every worker of the engine. */
  clock(): number;
  /** Lets messages in: resolves in a later task of the event loop. */
  breathe(): Promise<void>;
  /** An identifier nothing else has. */
  freshId(): string;
  /** Processor cores; 1 where nobody knows. */
  readonly cores: number;
  /** Starts a worker that computes shards (shardHelper.ts); null where there can be none. */
  spawnHelper(): HelperPort | null;
  /** Where tfjs' .wasm files are served from; undefined: beside the package (Node). */
  readonly wasmPath: string | undefined;
}
