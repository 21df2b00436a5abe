// What is counted in a trace, against plain loops.
import { expect, test } from 'vitest';
import { sampleTrace } from '../testing/sampleTrace';
import { promptLoad, weightsByExpert } from './promptTrace';

const trace = sampleTrace(1, 2, 5, 6, 3, 2);

test('the load of a prompt is what its tokens chose, the end token and empty places left out', () => {
  const load = promptLoad(trace);
  for (let layer = 0; layer < 2; layer++)
    for (let expert = 0; expert < 6; expert++) {
      let count = 0;
      for (let t = 1; t < 5; t++) for (let k = 0; k < 3; k++) if (trace.chosen[(layer * 5 + t) * 3 + k] === expert) count++;
      expect(load[layer * 6 + expert]).toBe(count);
    }
  expect(load.reduce((sum, count) => sum + count, 0)).toBe(2 * 4 * 2);
});

test('a map of experts and tokens has each weight once, and nothing where nobody was chosen', () => {
  for (let layer = 0; layer < 2; layer++) {
    const map = weightsByExpert(trace, layer);
    for (let t = 0; t < 5; t++)
      for (let expert = 0; expert < 6; expert++) {
        const own = [0, 1, 2].map((k) => (layer * 5 + t) * 3 + k).find((at) => trace.chosen[at] === expert);
        expect(map[expert * 5 + t]).toBe(own === undefined ? NaN : trace.weights[own]);
      }
  }
});
