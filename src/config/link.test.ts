import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbitraryConfig } from '../testing/arbitraryConfig';
import { decodeLink, encodeLink, nearestPreset } from './link';
import { PRESET_IDS, PRESETS } from './presets';

const base = PRESETS.default;

describe('the link', () => {
  test('what a link was made from comes back from it', () => {
    fc.assert(
      fc.property(
        arbitraryConfig,
        fc.stringMatching(/^[a-z0-9-]{1,24}$/),
        fc.option(fc.constantFrom(...PRESET_IDS)),
        (config, view, chosen) => {
          const preset = chosen ?? undefined;
          const link = encodeLink({ config, view, preset });
          expect(link).toMatch(/^[A-Za-z0-9._~-]+$/);
          expect(decodeLink(link)).toEqual({ ok: true, value: { config, view, preset: preset ?? nearestPreset(config) } });
        },
      ),
    );
  });

  test('a preset needs only its name, a change only itself', () => {
    for (const preset of PRESET_IDS) expect(encodeLink({ config: PRESETS[preset], view: 'train' })).toBe(`1~train~${preset}`);
    expect(encodeLink({ config: { ...base, train: { ...base.train, seed: 7 } }, view: 'train' })).toBe('1~train~default~seed_7');
  });

  test.each([
    ['', 'link.version oneOf'],
    ['2~train~default', 'link.version oneOf'],
    ['1~<script>~default', 'link.view type'],
    ['1~train~__proto__', 'link.preset oneOf'],
    ['1~train~default~__proto___1', 'link. unknown'],
    ['1~train~default~hidden_size_1', 'link.hidden unknown'],
    ['1~train~default~seed_7~seed_8', 'train.seed repeated'],
    ['1~train~default~hiddenSize_0x80', 'model.hiddenSize type'],
    ['1~train~default~hiddenSize_', 'model.hiddenSize type'],
    ['1~train~default~hiddenSize_1e9', 'model.hiddenSize range'],
    ['1~train~default~headDim_31', 'model.headDim even'],
    ['1~train~default~domains_Poetry', 'data.domains type'],
  ])('%s is refused with the reason', (link, expected) => {
    const decoded = decodeLink(link);
    expect(decoded.ok ? [] : decoded.error.map(({ field, rule }) => `${field} ${rule}`)).toEqual([expected]);
  });

  test('no text makes it throw, and what it accepts says the same again', () => {
    const nearly = fc
      .array(
        fc.constantFrom(
          '1',
          '~',
          'train',
          'default',
          'dense',
          'seed',
          '_',
          '9',
          'headDim',
          'domains',
          '.',
          '-',
          'e',
          '__proto__',
        ),
      )
      .map((parts) => `1~train~default~${parts.join('')}`);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), nearly), (text) => {
        const decoded = decodeLink(text);
        if (decoded.ok) expect(decodeLink(encodeLink(decoded.value))).toEqual(decoded);
      }),
      { numRuns: 1000 },
    );
    expect(decodeLink('1~'.repeat(1e6)).ok).toBe(false);
  });
});
