// What went wrong, why, and what to do next, in Simplified Chinese.
import type { errors as en } from '../en/errors';

export const errors = {} satisfies Record<keyof typeof en, string>;
