// Names and descriptions of the presets, in Simplified Chinese.
import type { presets as en } from '../en/presets';

export const presets = {} satisfies Record<keyof typeof en, string>;
