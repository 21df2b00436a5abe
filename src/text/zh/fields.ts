// Labels and help of the hyperparameters, in Simplified Chinese.
import type { fields as en } from '../en/fields';

export const fields = {} satisfies Record<keyof typeof en, string>;
