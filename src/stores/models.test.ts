// Names of models in links and lists.
import { expect, test } from 'vitest';
import type { ModelRef } from '../protocol/modelRef';
import { modelKey, modelOfKey } from './models';

test('every kind of model comes back from its key', () => {
  const refs: ModelRef[] = [
    { kind: 'live' },
    { kind: 'shipped', step: 0 },
    { kind: 'shipped', step: 5000 },
    { kind: 'imported', id: 'a-1' },
    { kind: 'checkpoint', runId: 'r1', step: 120 },
  ];
  expect(refs.map((ref) => modelOfKey(modelKey(ref)))).toEqual(refs);
});

test('what is no key names no model', () => {
  for (const key of [
    '',
    'live.1',
    'shipped',
    'shipped.-1',
    'shipped.1.2',
    'shipped.x',
    'imported.',
    'checkpoint.r',
    'other.1',
    '__proto__',
  ])
    expect(modelOfKey(key), key).toBeNull();
});
