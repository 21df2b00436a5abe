// The Train view, in Simplified Chinese.
import type { train as en } from '../en/train';

export const train = {} satisfies Record<keyof typeof en, string>;
