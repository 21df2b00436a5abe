// What a field of a published model may be. A control offers less: here only what arithmetic forbids is refused. What does not fit into
// memory is refused later, with its numbers.
import type { FieldError } from '../../config/fieldError';
import type { Field } from '../../config/fields';
import { checkField } from '../../config/validate';

interface Limits {
  readonly min?: number;
  readonly max: number;
}

/** Whole numbers up to here are their own float32. */
const LARGEST_COUNT = 2 ** 24;
const LARGEST_FLOAT = (2 - 2 ** -23) * 2 ** 127;
const SMALLEST_FLOAT = 2 ** -126;
/** Traces name experts in 16 bits, and say −1 where there is none. */
const MOST_EXPERTS = 2 ** 15 - 1;
/** On WebGPU a thread keeps a score for each, in the 8 KiB that a program may have for itself. */
const MOST_GROUPS = 1024;

const LIMITS: ReadonlyMap<string, Limits> = new Map<string, Limits>([
  ['hiddenSize', { min: 1, max: LARGEST_COUNT }],
  ['maxPositionEmbeddings', { min: 2, max: LARGEST_COUNT }],
  ['nRoutedExperts', { max: MOST_EXPERTS }],
  ['numExpertsPerTok', { max: MOST_EXPERTS }],
  ['nGroup', { max: MOST_GROUPS }],
  ['topkGroup', { max: MOST_GROUPS }],
  ['rmsNormEps', { min: 0, max: LARGEST_FLOAT }],
  ['ropeTheta', { min: SMALLEST_FLOAT, max: LARGEST_FLOAT }],
  ['routedScalingFactor', { min: -LARGEST_FLOAT, max: LARGEST_FLOAT }],
  ['initializerRange', { min: -Number.MAX_VALUE, max: Number.MAX_VALUE }],
]);

/** What `value` breaks of what the engine can compute, or nothing. */
export function checkPublished(field: Field, value: unknown): FieldError[] {
  const limits = LIMITS.get(field.key) ?? (field.kind === 'integer' ? { max: LARGEST_COUNT } : {});
  const error = checkField({ ...field, ...limits }, value);
  return error ? [error] : [];
}
