// The Train view, in English. Keys are shared with zh/train.ts.

export const train = {};
