// A blob store in memory, and one that dies in the middle of a write as a process or a disk would.
import type { BlobStore } from '../checkpoint/blobStore';

export class MemoryStore implements BlobStore {
  readonly blobs = new Map<string, Uint8Array>();

  read(name: string): Promise<Uint8Array | null> {
    return Promise.resolve(this.blobs.get(name)?.slice() ?? null);
  }

  write(name: string, bytes: Uint8Array): Promise<void> {
    this.blobs.set(name, bytes.slice());
    return Promise.resolve();
  }

  remove(name: string): Promise<void> {
    this.blobs.delete(name);
    return Promise.resolve();
  }

  list(): Promise<string[]> {
    return Promise.resolve([...this.blobs.keys()]);
  }
}

/** What a cut write leaves of a blob: its new beginning alone, its new beginning over the old bytes, the old length in zeros, nothing. */
export type Wreck = 'short' | 'mixed' | 'zeros' | 'gone';

/** Writes `budget` bytes in all, then leaves a wreck and rejects. */
export class DyingStore extends MemoryStore {
  private budget: number;
  private readonly wreck: Wreck;

  constructor(before: MemoryStore, budget: number, wreck: Wreck) {
    super();
    for (const [name, bytes] of before.blobs) this.blobs.set(name, bytes.slice());
    this.budget = budget;
    this.wreck = wreck;
  }

  override async write(name: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length <= this.budget) {
      this.budget -= bytes.length;
      return super.write(name, bytes);
    }
    const old = this.blobs.get(name) ?? new Uint8Array(0);
    const begun = bytes.slice(0, this.budget);
    this.budget = -1;
    if (this.wreck === 'gone') this.blobs.delete(name);
    else if (this.wreck === 'short') this.blobs.set(name, begun);
    else {
      const whole = new Uint8Array(Math.max(old.length, bytes.length));
      if (this.wreck === 'mixed') whole.set(old);
      whole.set(begun);
      this.blobs.set(name, whole);
    }
    throw new Error('the process died');
  }
}
