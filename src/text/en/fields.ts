// Labels and help of the hyperparameters, in English. Keys are shared with zh/fields.ts.

export const fields = {};
