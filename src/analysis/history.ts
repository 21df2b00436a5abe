// Columns of numbers that only grow, one row a step, and what a chart needs of them.

/** Rows of named columns, kept as growing Float64Arrays: 10⁵ steps of ten columns are 8 MB. */
export class History<Column extends string> {
  private readonly data = new Map<Column, Float64Array<ArrayBuffer>>();
  private capacity = 1024;
  private readonly names: readonly Column[];
  length = 0;

  constructor(names: readonly Column[]) {
    this.names = names;
    for (const name of names) this.data.set(name, new Float64Array(this.capacity));
  }

  push(row: Readonly<Record<Column, number>>): void {
    if (this.length === this.capacity) {
      this.capacity *= 2;
      for (const name of this.names) {
        const grown = new Float64Array(this.capacity);
        grown.set(this.column(name));
        this.data.set(name, grown);
      }
    }
    for (const name of this.names) this.data.get(name)![this.length] = row[name];
    this.length++;
  }

  /** The column so far, as a view that later pushes may leave behind. */
  column(name: Column): Float64Array {
    return this.data.get(name)!.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }
}

/**
 * At most `points` rows of columns that share an axis. Beyond that, neighbouring rows form equal buckets: the axis keeps a
 * bucket's last value, every other column its mean over the finite values, or its largest value where `extreme` says so.
 */
export function decimate(columns: readonly Float64Array[], points: number, extreme: readonly boolean[] = []): Float64Array[] {
  const rows = columns[0]?.length ?? 0;
  if (rows <= points) return columns.map((column) => column.slice());
  return columns.map((column, index) => {
    const out = new Float64Array(points);
    for (let point = 0; point < points; point++) {
      const from = Math.floor((point * rows) / points);
      const to = Math.floor(((point + 1) * rows) / points);
      out[point] = index === 0 ? column[to - 1]! : summarise(column.subarray(from, to), extreme[index] ?? false);
    }
    return out;
  });
}

function summarise(bucket: Float64Array, extreme: boolean): number {
  let total = 0;
  let count = 0;
  let largest = NaN;
  for (const value of bucket) {
    if (!Number.isFinite(value)) continue;
    total += value;
    count++;
    if (!(value <= largest)) largest = value;
  }
  if (count === 0) return NaN;
  return extreme ? largest : total / count;
}
