import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cellAt, walk } from './gridCursor';

test('no key leads out of the grid', () => {
  const key = fc.constantFrom('ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End', 'PageUp', 'PageDown');
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 62 }), fc.integer({ min: 1, max: 128 }), fc.array(key), (rows, columns, keys) => {
      let cell = walk('ArrowRight', null, rows, columns);
      for (const pressed of keys) cell = walk(pressed, cell, rows, columns);
      expect(cell!.row).toBeGreaterThanOrEqual(0);
      expect(cell!.row).toBeLessThan(rows);
      expect(cell!.column).toBeGreaterThanOrEqual(0);
      expect(cell!.column).toBeLessThan(columns);
    }),
  );
});

test('a point lies in the cell that is drawn there, and outside in none', () => {
  expect(cellAt(0.99, 0.01, 3, 16)).toEqual({ row: 0, column: 15 });
  expect(cellAt(1.01, 0.5, 3, 16)).toBeNull();
  expect(cellAt(0.5, -0.01, 3, 16)).toBeNull();
});

test('other keys are left to the page, an empty grid is not walked', () => {
  expect(walk('p', { row: 0, column: 0 }, 3, 3)).toBeNull();
  expect(walk('toString', { row: 0, column: 0 }, 3, 3)).toBeNull();
  expect(walk('ArrowRight', null, 0, 16)).toBeNull();
});
