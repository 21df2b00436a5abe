import { expect, test } from 'vitest';
import * as format from '../../text/format';
import { translateLoose } from '../../text/translate';
import type { ValidationResult } from '../../protocol/events';
import { engineErrorText, fieldErrorText } from './errorText';
import { lossCurves, referenceLosses, unitFactor } from './lossData';
import { fairShare, roundUp } from './shown';

const english = {
  loose: (key: string, params?: Readonly<Record<string, string | number>>) => translateLoose('en', key, params),
  significant: (value: number, digits?: number) => format.formatSignificant('en', value, digits),
};

const result: ValidationResult = {
  step: 50,
  overall: { tokens: 1000, nats: 4, bitsPerByte: 2, bitsPerCharacter: 3 },
  domains: [],
  load: new Float32Array(),
};

test('a broken rule names the field, its value and the rule', () => {
  const error = { field: 'model.headDim', value: 31, rule: 'even' as const, params: {} };
  expect(fieldErrorText(error, english)).toBe('Head width is 31, but has to be even.');
  const other = {
    field: 'model.numExpertsPerTok',
    value: 9,
    rule: 'atMost' as const,
    params: { other: 4, otherField: 'model.nRoutedExperts' },
  };
  expect(fieldErrorText(other, english)).toMatch(/^Experts per token is 9.*Routed experts.*4/);
  const unread = { field: 'train.learningRate', value: NaN, rule: 'type' as const, params: { expected: 'number' } };
  expect(fieldErrorText(unread, english, 'abc')).toBe('Learning rate is abc, but has to be a number.');
  expect(fieldErrorText(unread, english, '')).toContain('is empty');
  expect(fieldErrorText(unread, english)).toContain('is no number');
});

test('a failure with broken fields names each of them, one without a detail leaves no placeholder', () => {
  const fields = [{ field: 'train.seed', value: undefined, rule: 'integer' as const, params: {} }];
  expect(engineErrorText({ code: 'invalid-config', fields }, english)).toContain('Seed is missing');
  expect(engineErrorText({ code: 'internal' }, english)).not.toContain('{');
});

test('the fair share of a step is that of its own assignments, whatever the run chooses now', () => {
  const routing = { load: Float32Array.of(3, 5, 1, 7), layers: 2, experts: 2 };
  expect(fairShare(routing)).toBe(4);
});

test('nats need no validation, other units wait for one and then scale every line alike', () => {
  expect(unitFactor('nats', [])).toBe(1);
  expect(unitFactor('bitsPerByte', [])).toBeNull();
  const baselines = { uniform: 8, unigram: 6, unigramCross: 6.5, bigram: 4 };
  expect(referenceLosses('bitsPerCharacter', [], baselines)).toBeNull();
  expect(referenceLosses('bitsPerCharacter', [result], baselines)).toEqual({ uniform: 6, unigram: 4.5, bigram: 3 });
});

test('a domain with text in two languages has a curve for each', () => {
  const loss = (language: 'zh' | 'en', nats: number) => ({ ...result.overall, domain: 'law', language, nats });
  const { domains } = lossCurves('nats', [
    { ...result, step: 50, domains: [loss('zh', 4), loss('en', 3)] },
    { ...result, step: 100, domains: [loss('zh', 2), loss('en', 1)] },
  ]);
  expect(domains.map(({ language, values }) => [language, ...values])).toEqual([
    ['zh', 4, 2],
    ['en', 3, 1],
  ]);
});

test('the end of a scale is the next 1, 2 or 5 and never below the value', () => {
  expect([0.0011, 0.002, 0.03, 7, 1].map(roundUp)).toEqual([0.002, 0.002, 0.05, 10, 1]);
  expect(roundUp(0)).toBe(1);
});
