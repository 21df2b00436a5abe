// The last `capacity` items of a stream, oldest first. Fast data lives in one of these beside React, with a version to compare.

export class RingBuffer<T> {
  private readonly items: T[] = [];
  private start = 0;
  /** Grows with every push; a view that remembers it knows whether anything is new. */
  version = 0;
  readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get length(): number {
    return this.items.length;
  }

  push(item: T): void {
    if (this.items.length < this.capacity) this.items.push(item);
    else {
      this.items[this.start] = item;
      this.start = (this.start + 1) % this.capacity;
    }
    this.version++;
  }

  /** Item `index` counted from the oldest; undefined outside. */
  at(index: number): T | undefined {
    if (index < 0 || index >= this.items.length) return undefined;
    return this.items[(this.start + index) % this.items.length];
  }

  last(): T | undefined {
    return this.at(this.items.length - 1);
  }

  toArray(): T[] {
    return this.items.map((_, index) => this.at(index) as T);
  }

  clear(): void {
    this.items.length = 0;
    this.start = 0;
    this.version++;
  }
}
