import { describe, expect, test } from 'vitest';
import { CATALOGUES, type TextKey } from './catalogue';
import { formatBytes, formatCompact, formatDuration, formatPercent, formatSigned, formatSignificant } from './format';
import { LANGUAGES, preferredLanguage } from './language';
import { placeholders, translate } from './translate';

const keys = Object.keys(CATALOGUES.en) as TextKey[];

describe('catalogues', () => {
  test('both languages have the same keys', () => {
    expect(Object.keys(CATALOGUES.zh).sort()).toEqual([...keys].sort());
  });

  test('a message has the same placeholders in both languages', () => {
    const different = keys.filter((key) => placeholders(CATALOGUES.en[key]).join() !== placeholders(CATALOGUES.zh[key]).join());
    expect(different).toEqual([]);
  });

  test('no message is empty or padded with spaces', () => {
    for (const language of LANGUAGES) {
      for (const key of keys) expect(CATALOGUES[language][key], `${language} ${key}`).toMatch(/^\S(.*\S)?$/s);
    }
  });

  test('a parameter replaces its placeholder and a missing one leaves it standing', () => {
    expect(translate('en', 'components.chart.hidden', { label: 'loss' })).toContain('loss');
    expect(translate('en', 'components.chart.hidden')).toContain('{label}');
  });

  test('figures and Latin stand apart from the Chinese around them, what is itself Chinese does not', () => {
    const moment = (tokens: number): string =>
      translate('zh', 'timeline.moment', { step: '66', tokens: formatCompact('zh', tokens) });
    expect([960, 12_672].map(moment)).toEqual(['第 66 步 · 960 个词元', '第 66 步 · 1.27万个词元']);
    const atMost = (otherField: string): string =>
      translate('zh', 'error.rule.atMost', { field: 'a', value: 9, otherField, other: 8 });
    expect(['n_routed_experts', '专家数'].map(atMost)).toEqual([
      'a 的值是 9，但不能超过 n_routed_experts（8）。',
      'a 的值是 9，但不能超过专家数（8）。',
    ]);
    expect(translate('zh', 'timeline.moment', {})).toBe('第 {step} 步 · {tokens} 个词元');
  });
});

describe('languages', () => {
  test('the first preferred tag that is spoken wins, English when none is', () => {
    expect(preferredLanguage(['fr-FR', 'zh-TW', 'en'])).toBe('zh');
    expect(preferredLanguage(['de'])).toBe('en');
  });
});

describe('numbers', () => {
  test('signs are written with a true minus and a plus', () => {
    expect(formatSigned('en', -0.25, 2)).toBe('−0.25');
    expect(formatSigned('en', 0.25, 2)).toBe('+0.25');
    expect(formatSigned('en', 0, 2)).toBe('0.00');
  });

  test('very small and very large numbers become powers of ten', () => {
    expect(formatSignificant('en', 1e-5)).toBe('1e−5');
    expect(formatSignificant('en', 0.003)).toBe('0.003');
    expect(formatSignificant('en', 2.5e9)).toBe('2.5e9');
  });

  test('a count in short has three digits, a small one all of its own', () => {
    expect([999, 1_000_000, 1_364_000].map((count) => formatCompact('en', count))).toEqual(['999', '1.00M', '1.36M']);
    expect([2048, 100_000, 1_364_000].map((count) => formatCompact('zh', count))).toEqual(['2,048', '10.0万', '136万']);
  });

  test('bytes, shares and spans carry their units', () => {
    expect(formatBytes('en', 1536)).toBe('1.5 KiB');
    expect(formatPercent('zh', 0.256)).toBe('25.6%');
    expect(formatDuration('en', 200_000)).toBe('3 min 20 s');
    expect(formatDuration('zh', 200_000)).toBe('3 分 20 秒');
  });
});
