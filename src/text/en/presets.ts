// Names and descriptions of the presets, in English. Keys are shared with zh/presets.ts.

export const presets = {};
