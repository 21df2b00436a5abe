// A stable sort of rows by a small key, by counting: every thread finds one row's place, so no order depends on timing.
import type { Tensor } from '@tensorflow/tfjs-core';
import { runMany, type Program } from './program';

const places: Program<Record<never, never>> = {
  name: 'SortedPlaces',
  body: () => `
  let key = keys[index];
  var place = 0;
  for (var a = 0; a < uniforms.count; a++) {
    if (keys[a] < key || (keys[a] == key && a < index)) { place++; }
  }
  position[index] = place;
  order[place] = index;`,
};

const bounds: Program<Record<never, never>> = {
  name: 'LowerBounds',
  body: () => `
  var before = 0;
  for (var a = 0; a < uniforms.count; a++) {
    if (keys[a] < index) { before++; }
  }
  offsets[index] = before;`,
};

/**
 * Sorts rows by key; two programs that need not wait for each other, time in the square of the rows.
 * @param keys [R] int32 in [0, buckets)
 * @returns offsets [buckets + 1] (bucket b owns sorted rows offsets[b] … offsets[b+1] − 1), order [R] (sorted row → row), position [R] (row → sorted row), int32
 */
export function sortRows(keys: Tensor, buckets: number): { offsets: Tensor; order: Tensor; position: Tensor } {
  const count = keys.size;
  const common = { inputs: { keys }, constants: {}, ints: { count } };
  const whole = (size: number) => ({ shape: [size], dtype: 'int32' as const });
  const sorted = runMany(places, { ...common, outputs: { position: whole(count), order: whole(count) }, threads: count });
  const { offsets } = runMany(bounds, { ...common, outputs: { offsets: whole(buckets + 1) }, threads: buckets + 1 });
  return { offsets, ...sorted };
}
