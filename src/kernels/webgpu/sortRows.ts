// A stable sort of rows by a small key, by counting: every thread finds one row's place, so no order depends on timing.
import type { Tensor } from '@tensorflow/tfjs-core';
import { run, type Program } from './program';

const positions: Program<Record<never, never>> = {
  name: 'SortedPositions',
  body: () => `
  let key = keys[index];
  var place = 0;
  for (var a = 0; a < uniforms.count; a++) {
    if (keys[a] < key || (keys[a] == key && a < index)) { place++; }
  }
  result[index] = place;`,
};

const inverse: Program<Record<never, never>> = {
  name: 'InversePermutation',
  body: () => 'result[position[index]] = index;',
};

const lowerBounds: Program<Record<never, never>> = {
  name: 'LowerBounds',
  body: () => `
  var low = 0;
  var high = uniforms.count;
  while (low < high) {
    let middle = (low + high) / 2;
    if (keys[order[middle]] < index) { low = middle + 1; } else { high = middle; }
  }
  result[index] = low;`,
};

/**
 * Sorts rows by key; three dispatches, time in the square of their number.
 * @param keys [R] int32 in [0, buckets)
 * @returns offsets [buckets + 1] (bucket b owns sorted rows offsets[b] … offsets[b+1] − 1), order [R] (sorted row → row), position [R] (row → sorted row), int32
 */
export function sortRows(keys: Tensor, buckets: number): { offsets: Tensor; order: Tensor; position: Tensor } {
  const count = keys.size;
  const common = { constants: {}, dtype: 'int32' } as const;
  const position = run(positions, { ...common, inputs: { keys }, shape: [count], ints: { count } });
  const order = run(inverse, { ...common, inputs: { position }, shape: [count] });
  const offsets = run(lowerBounds, { ...common, inputs: { keys, order }, shape: [buckets + 1], ints: { count } });
  return { offsets, order, position };
}
