import { expect, test } from 'vitest';
import { initialValues, parameterSpecs } from '../src/model/parameters';
import { peerWeights } from './contestants/peerWeights';
import { comparedMixture, dense } from './workloads';

test('every weight of ours is a peer’s, number for number, where the peer’s product looks for it', () => {
  for (const { model } of [dense(), comparedMixture()]) {
    const specs = parameterSpecs(model);
    const peers = peerWeights(model, 1);
    expect(Object.keys(peers)).toHaveLength(specs.length);
    for (const [index, spec] of specs.entries()) {
      const ours = initialValues(spec, index, model, 1);
      const [name, { values, shape }] = Object.entries(peers)[index]!;
      expect(values).toHaveLength(ours.length);
      // Ours is [..., out, in]; e counts experts, 0 where there are none.
      const [rows, columns] = spec.shape.slice(-2) as [number, number];
      const experts = spec.shape.length === 3 ? spec.shape[0]! : 1;
      if (spec.shape.length === 1 || name === 'embedding') {
        expect(values).toEqual(ours);
        continue;
      }
      const isDown = name.endsWith('expertDown');
      expect(shape).toEqual(isDown ? [experts * columns, rows] : [columns, experts * rows]);
      for (const [e, row, column] of [
        [0, 0, 0],
        [experts - 1, rows - 1, columns - 1],
        [experts >> 1, 1, 2],
        [experts - 1, rows >> 1, 0],
      ] as const) {
        const at = isDown ? (e * columns + column) * rows + row : column * experts * rows + e * rows + row;
        expect(values[at], `${name} ${e} ${row} ${column}`).toBe(ours[(e * rows + row) * columns + column]);
      }
    }
  }
});
