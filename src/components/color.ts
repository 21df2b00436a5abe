// Colours of data: amounts, departures from a fair share or zero, experts, domains. All decided here, for both themes.

export type Theme = 'light' | 'dark';
export type Rgb = readonly [red: number, green: number, blue: number];
export type ColorScale = 'sequential' | 'diverging';

// Amounts: blue to yellow through grey in even steps of lightness, so that it also reads in grey. Nothing is the tone next to the surface.
const SEQUENTIAL: readonly Rgb[] = [
  [16, 38, 76],
  [29, 58, 110],
  [66, 80, 108],
  [96, 102, 113],
  [126, 125, 122],
  [158, 150, 117],
  [194, 179, 102],
  [228, 209, 79],
  [252, 235, 128],
];

// Departures: blue below, orange above; lightness falls away from the middle on either side, a little deeper below than above.
const DIVERGING: Readonly<Record<Theme, readonly Rgb[]>> = {
  light: [
    [12, 58, 112],
    [43, 106, 166],
    [122, 168, 209],
    [196, 217, 233],
    [242, 242, 239],
    [247, 217, 180],
    [236, 165, 92],
    [201, 106, 20],
    [138, 63, 0],
  ],
  dark: [
    [150, 205, 250],
    [86, 158, 216],
    [46, 108, 160],
    [32, 64, 92],
    [34, 40, 43],
    [88, 60, 28],
    [148, 92, 28],
    [214, 137, 42],
    [255, 196, 112],
  ],
};

/** The colour at `share` (0 to 1) of evenly spaced stops. */
function between(stops: readonly Rgb[], share: number): Rgb {
  const at = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const left = Math.min(stops.length - 2, Math.floor(at));
  const a = stops[left]!;
  const b = stops[left + 1]!;
  const mix = (i: 0 | 1 | 2) => Math.round(a[i] + (b[i] - a[i]) * (at - left));
  return [mix(0), mix(1), mix(2)];
}

/** [low, middle, high] of what a scale shows; values beyond the ends take the colour of the end. */
export type Domain = readonly [low: number, middle: number, high: number];

/** Where `value` stands on the scale, 0 to 1: the middle of the domain is 0.5, each side linear by itself. */
export function domainShare(value: number, [low, middle, high]: Domain): number {
  if (value <= middle) return middle > low ? Math.max(0, (0.5 * (value - low)) / (middle - low)) : 0.5;
  return high > middle ? Math.min(1, 0.5 + (0.5 * (value - middle)) / (high - middle)) : 0.5;
}

/** Colour of `share` (0 to 1) on a scale. Light sequential runs from pale to deep, dark from deep to bright: nothing stays near the surface. */
export function scaleColor(scale: ColorScale, theme: Theme, share: number): Rgb {
  if (scale === 'diverging') return between(DIVERGING[theme], share);
  return between(SEQUENTIAL, theme === 'dark' ? share : 1 - share);
}

/** 256 colours of a scale, packed as ImageData wants them (little-endian ABGR). */
export function packedScale(scale: ColorScale, theme: Theme): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const [red, green, blue] = scaleColor(scale, theme, i / 255);
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
}

export function cssColor([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`;
}

/** WCAG relative luminance, 0 to 1. */
export function luminance(color: Rgb): number {
  const [red, green, blue] = color.map((channel) => {
    const c = channel / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const GOLDEN_ANGLE = 137.508;
const LIGHTNESS: Readonly<Record<Theme, readonly number[]>> = { light: [0.58, 0.47, 0.68], dark: [0.72, 0.82, 0.62] };

/**
 * A colour of its own for each expert: the hue turns by the golden angle, lightness takes turns of three, so that neighbours and
 * experts of near hue differ in both. Beyond a dozen experts the label tells them apart, the colour only groups. CSS oklch.
 */
export function expertColor(expert: number, theme: Theme): string {
  const hue = (expert * GOLDEN_ANGLE + 20) % 360;
  const lightness = LIGHTNESS[theme][expert % 3]!;
  return `oklch(${lightness} 0.125 ${hue.toFixed(1)})`;
}

/** CSS variable of category `index` (Okabe–Ito order): the same category has the same colour everywhere. At most 8. */
export function categoryColor(index: number): string {
  return `var(--cat-${(index % 8) + 1})`;
}
