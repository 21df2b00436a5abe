// A hash table from a pair of token ids to a number: the inner loop of encoding, where a Map of keys is several times slower.

const EMPTY = -1;

export class PairTable {
  private readonly left: Int32Array;
  private readonly right: Int32Array;
  private readonly values: Int32Array;
  private readonly mask: number;

  /** Room for `entries` pairs at half load. */
  constructor(entries: number) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, entries * 2)));
    this.left = new Int32Array(slots).fill(EMPTY);
    this.right = new Int32Array(slots);
    this.values = new Int32Array(slots);
    this.mask = slots - 1;
  }

  private slot(a: number, b: number): number {
    let slot = (Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)) >>> 0;
    slot = (slot ^ (slot >>> 15)) & this.mask;
    while (this.left[slot] !== EMPTY && (this.left[slot] !== a || this.right[slot] !== b)) slot = (slot + 1) & this.mask;
    return slot;
  }

  set(a: number, b: number, value: number): void {
    const slot = this.slot(a, b);
    this.left[slot] = a;
    this.right[slot] = b;
    this.values[slot] = value;
  }

  /** The number of (a, b), or −1. */
  get(a: number, b: number): number {
    const slot = this.slot(a, b);
    return this.left[slot] === EMPTY ? -1 : this.values[slot]!;
  }
}
