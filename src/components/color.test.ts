import { describe, expect, test } from 'vitest';
import { domainShare, expertColor, luminance, packedScale, scaleColor, type Theme } from './color';

const THEMES: readonly Theme[] = ['light', 'dark'];
const steps = Array.from({ length: 33 }, (_, i) => i / 32);

describe('scales', () => {
  test('an amount reads in grey: lightness runs one way', () => {
    for (const theme of THEMES) {
      const lightness = steps.map((share) => luminance(scaleColor('sequential', theme, share)));
      const direction = theme === 'dark' ? 1 : -1;
      for (let i = 1; i < lightness.length; i++) expect((lightness[i]! - lightness[i - 1]!) * direction).toBeGreaterThan(0);
    }
  });

  test('a departure reads in grey: the further from the middle, the further from the surface', () => {
    for (const theme of THEMES) {
      const middle = luminance(scaleColor('diverging', theme, 0.5));
      const distance = (share: number) => Math.abs(luminance(scaleColor('diverging', theme, share)) - middle);
      for (let i = 17; i < steps.length; i++) {
        expect(distance(steps[i]!)).toBeGreaterThan(distance(steps[i - 1]!));
        expect(distance(1 - steps[i]!)).toBeGreaterThan(distance(1 - steps[i - 1]!));
      }
    }
  });

  test('blue and yellow carry the sides: red-green blindness leaves them apart', () => {
    for (const theme of THEMES) {
      const [lowRed, , lowBlue] = scaleColor('diverging', theme, 0.15);
      const [highRed, , highBlue] = scaleColor('diverging', theme, 0.85);
      expect(lowBlue - lowRed).toBeGreaterThan(50);
      expect(highRed - highBlue).toBeGreaterThan(50);
    }
  });

  test('the middle of a domain is the middle of the scale, however uneven its sides', () => {
    expect(domainShare(1, [0, 1, 8])).toBe(0.5);
    expect(domainShare(0, [0, 1, 8])).toBe(0);
    expect(domainShare(8, [0, 1, 8])).toBe(1);
    expect(domainShare(100, [0, 1, 8])).toBe(1);
    expect(domainShare(-5, [0, 1, 8])).toBe(0);
    expect(domainShare(0, [0, 0, 0])).toBe(0.5);
  });

  test('packed colours are opaque and equal to the scale', () => {
    const packed = packedScale('sequential', 'dark');
    const [red, green, blue] = scaleColor('sequential', 'dark', 1);
    expect(packed[255]! >>> 24).toBe(255);
    expect([packed[255]! & 255, (packed[255]! >> 8) & 255, (packed[255]! >> 16) & 255]).toEqual([red, green, blue]);
  });
});

test('128 experts have 128 colours', () => {
  for (const theme of THEMES) {
    expect(new Set(Array.from({ length: 128 }, (_, expert) => expertColor(expert, theme))).size).toBe(128);
  }
});
