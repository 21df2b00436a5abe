// Conformance cases of what is made of a step's results: figures of columns, pieces packed for one transfer, sums of shards.
import { rngFor } from '../../core/rng';
import { accumulationOperation } from '../accumulation/accumulation';
import { figuresOperation } from '../figures/figures';
import { packedOperation } from '../packed/packed';
import { normals, wholes, type PlainTensor } from './arrays';
import type { ConformanceCase } from './check';

/** Figure n is of column `column` of an array [rows, width]; factor null: the largest value. */
interface Given {
  readonly rows: number;
  readonly width: number;
  readonly column: number;
  readonly factor: number | null;
  readonly centre?: number;
}

function figuresCase(about: string, list: readonly Given[]): ConformanceCase {
  const rng = rngFor(41, 'init', list.length);
  const named = list.map(({ rows, width, column, factor, centre = 1 }, n) => ({
    input: [`x${n}`, normals(rng, [rows, width], 1, centre)] as const,
    attributes: { [`width${n}`]: width, [`column${n}`]: column, [`largest${n}`]: factor === null, [`factor${n}`]: factor ?? 1 },
  }));
  return {
    operation: figuresOperation,
    about,
    inputs: Object.fromEntries(named.map(({ input }) => input)),
    attributes: Object.assign({}, ...named.map(({ attributes }) => attributes)) as ConformanceCase['attributes'],
    gradientFrom: [],
    tolerance: { forward: 2e-6, backward: 0 },
  };
}

function packedCase(about: string, parts: readonly { of: PlainTensor; start: number; count: number }[]): ConformanceCase {
  const places = parts.map(({ start, count }, n) => ({ [`start${n}`]: start, [`count${n}`]: count }));
  return {
    operation: packedOperation,
    about,
    inputs: Object.fromEntries(parts.map(({ of }, n) => [`part${n}`, of])),
    attributes: Object.assign({}, ...places) as ConformanceCase['attributes'],
    gradientFrom: [],
    tolerance: { forward: 0, backward: 0 },
  };
}

function accumulationCase(about: string, shapes: readonly number[][]): ConformanceCase {
  const rng = rngFor(43, 'init', shapes.length);
  const pairs = shapes.map((shape, n) => ({ [`sum${n}`]: normals(rng, shape), [`next${n}`]: normals(rng, shape) }));
  return {
    operation: accumulationOperation,
    about,
    inputs: Object.assign({}, ...pairs) as ConformanceCase['inputs'],
    attributes: {},
    gradientFrom: [],
    tolerance: { forward: 1e-7, backward: 0 },
  };
}

const rng = rngFor(42, 'init');
const [a, b, whole, more] = [normals(rng, [5, 3]), normals(rng, [7]), wholes(rng, [9, 2], 100), wholes(rng, [130], 5000)];

export const FIGURE_CASES: readonly ConformanceCase[] = [
  figuresCase('one number', [{ rows: 1, width: 1, column: 0, factor: 0.25 }]),
  figuresCase('sums and largest values', [
    { rows: 70, width: 1, column: 0, factor: 1 / 70 },
    { rows: 33, width: 2, column: 0, factor: null },
    { rows: 130, width: 3, column: 1, factor: 2 },
    { rows: 65, width: 2, column: 1, factor: null, centre: -40 },
  ]),
  figuresCase(
    'more than a device binds',
    Array.from({ length: 14 }, (_, n) => ({ rows: 20 + n, width: 2, column: n % 2, factor: n % 3 ? n : null })),
  ),
  packedCase('one tensor', [{ of: a, start: 0, count: 15 }]),
  packedCase('pieces of floats and whole numbers', [
    { of: a, start: 3, count: 7 },
    { of: whole, start: 4, count: 5 },
    { of: b, start: 0, count: 7 },
    { of: more, start: 0, count: 130 },
  ]),
  packedCase(
    'more than a device binds',
    Array.from({ length: 12 }, (_, n) => ({ of: n % 2 ? whole : b, start: n % 3, count: 1 + (n % 4) })),
  ),
  accumulationCase('one number', [[1]]),
  accumulationCase('several pairs', [[5, 3], [7], [2, 65], [130]]),
];
