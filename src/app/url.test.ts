import { expect, test } from 'vitest';
import { PRESETS } from '../config/presets';
import { readPlace, writePlace } from './url';

const views = ['train', 'about'] as const;

test('a setup survives the address bar', () => {
  const config = { ...PRESETS.miniature, train: { ...PRESETS.miniature.train, seed: 7 } };
  const hash = writePlace('about', { config, preset: 'miniature' }, 'zh');
  expect(readPlace(hash, views)).toEqual({
    view: 'about',
    setup: { config, preset: 'miniature' },
    language: 'zh',
    broken: false,
  });
});

test('the default setup leaves only the view', () => {
  expect(writePlace('train', { config: PRESETS.default, preset: 'default' })).toBe('#train');
});

test('whatever stands there, a view comes out', () => {
  for (const hash of ['', '#', '#nowhere', '#train&lang=fr', '#__proto__']) {
    expect(readPlace(hash, views)).toEqual({ view: 'train', setup: null, language: null, broken: false });
  }
  expect(readPlace('#1~train~default~seed_x', views).broken).toBe(true);
});
