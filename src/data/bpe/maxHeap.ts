// A binary heap of (priority, key) numbers: the highest priority first, the smaller key among equals.

export interface HeapEntry {
  readonly priority: number;
  readonly key: number;
}

const before = (a: HeapEntry, b: HeapEntry) => a.priority > b.priority || (a.priority === b.priority && a.key < b.key);

export class MaxHeap {
  private readonly entries: HeapEntry[] = [];

  push(priority: number, key: number): void {
    const entry = { priority, key };
    let at = this.entries.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, this.entries[parent]!)) break;
      this.entries[at] = this.entries[parent]!;
      at = parent;
    }
    this.entries[at] = entry;
  }

  pop(): HeapEntry | undefined {
    const top = this.entries[0];
    const last = this.entries.pop();
    if (!last || this.entries.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.entries.length) break;
      if (child + 1 < this.entries.length && before(this.entries[child + 1]!, this.entries[child]!)) child++;
      if (!before(this.entries[child]!, last)) break;
      this.entries[at] = this.entries[child]!;
      at = child;
    }
    this.entries[at] = last;
    return top;
  }
}
