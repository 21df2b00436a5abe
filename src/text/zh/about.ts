// The About view, in Simplified Chinese.
import type { about as en } from '../en/about';

export const about = {
  'about.title': '关于 Switchyard',
} satisfies Record<keyof typeof en, string>;
