import { expect, test } from 'vitest';
import { LAB_PLACE } from '../config/labLink';
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
    lab: null,
    faults: [],
  });
});

test('the default setup leaves only the view', () => {
  expect(writePlace('train', { config: PRESETS.default, preset: 'default' })).toBe('#train');
});

test('whatever stands there, a view comes out', () => {
  for (const hash of ['', '#', '#nowhere', '#train&lang=fr', '#__proto__']) {
    expect(readPlace(hash, views)).toEqual({ view: 'train', setup: null, language: null, lab: null, faults: [] });
  }
  expect(readPlace('#1~train~default~seed_x', views).faults).toMatchObject([{ field: 'train.seed', value: 'x' }]);
});

test('what is asked in the lab stands behind the view', () => {
  const setup = { config: PRESETS.default, preset: 'default' as const };
  for (const text of ['春江&潮水=连~海平%', 'a\nb #1']) {
    const lab = { ...LAB_PLACE, text, changes: 'm_*_*_3_zero~h_0_2.5' };
    expect(readPlace(writePlace('train', setup, 'zh', lab), views)).toMatchObject({ view: 'train', language: 'zh', lab });
  }
  expect(writePlace('train', setup, undefined, LAB_PLACE)).toBe('#train');
});
