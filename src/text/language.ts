// The languages the page speaks.

export type Language = 'en' | 'zh';
export const LANGUAGES: readonly Language[] = ['en', 'zh'];

/** BCP 47 tag of a language, for `lang` attributes and Intl. */
export const LOCALE: Readonly<Record<Language, string>> = { en: 'en-US', zh: 'zh-CN' };

/** The first of a browser's preferred tags that we speak; English where there is none. */
export function preferredLanguage(tags: readonly string[]): Language {
  for (const tag of tags) {
    const primary = tag.toLowerCase().split('-')[0];
    if (primary === 'zh' || primary === 'en') return primary;
  }
  return 'en';
}
