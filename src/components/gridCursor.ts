// Walking over cells by pointer and keys, the same way for every grid that is a picture.

export interface CellRef {
  readonly row: number;
  readonly column: number;
}

export function sameCell(a: CellRef | null, b: CellRef | null): boolean {
  return a === b || (a !== null && b !== null && a.row === b.row && a.column === b.column);
}

/** Cell under a point given as shares (0 to 1) of the grid's width and height; null outside. */
export function cellAt(x: number, y: number, rows: number, columns: number): CellRef | null {
  const column = Math.floor(x * columns);
  const row = Math.floor(y * rows);
  return row >= 0 && row < rows && column >= 0 && column < columns ? { row, column } : null;
}

/** Where `key` leads from `from` (null: the first cell); null when the key does not walk. Walks stop at the edges. */
export function walk(key: string, from: CellRef | null, rows: number, columns: number): CellRef | null {
  if (rows === 0 || columns === 0) return null;
  const lastRow = rows - 1;
  const lastColumn = columns - 1;
  const { row, column } = from ?? { row: 0, column: 0 };
  const moves: Readonly<Record<string, CellRef>> = {
    ArrowLeft: { row, column: column - 1 },
    ArrowRight: { row, column: column + 1 },
    ArrowUp: { row: row - 1, column },
    ArrowDown: { row: row + 1, column },
    Home: { row, column: 0 },
    End: { row, column: lastColumn },
    PageUp: { row: 0, column },
    PageDown: { row: lastRow, column },
  };
  const move = Object.hasOwn(moves, key) ? moves[key] : undefined;
  if (!move) return null;
  if (!from) return { row: 0, column: 0 };
  return { row: Math.min(lastRow, Math.max(0, move.row)), column: Math.min(lastColumn, Math.max(0, move.column)) };
}
