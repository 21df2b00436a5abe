// What went wrong, why, and what to do next, in English. Keys are shared with zh/errors.ts.

export const errors = {};
