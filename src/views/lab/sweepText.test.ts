// A sweep names its own model and step.
import { expect, test } from 'vitest';
import type { SweepAnswer } from '../../protocol/lab';
import { translate } from '../../text/translate';
import { sweepText } from './sweepText';

const answer = { model: { kind: 'checkpoint', runId: 'r', step: 40 }, step: 40, firstLayer: 1, tokens: 900, documents: 7 };

test('model, texts, tokens and step, in both languages', () => {
  const words = (language: 'en' | 'zh') =>
    sweepText(answer as unknown as SweepAnswer, { kind: 'heldOut', domains: ['code'], language: 'all' }, 0, {
      t: (key, params) => translate(language, key, params),
      integer: String,
      domain: (id) => id,
    });
  expect(words('en')).toBe('a snapshot · code: 900 tokens of 7 held-out documents, step 40; intervals of 95% over documents');
  expect(words('zh')).toBe('快照 · code：7 篇留出文档的 900 个词元，第 40 步；区间为按文档的 95%');
});
