// From a key to a sentence. A parameter appears where the message says {name}.
import { CATALOGUES, isTextKey, type TextKey } from './catalogue';
import type { Language } from './language';

export type TextParams = Readonly<Record<string, string | number>>;

/** A placeholder, with the spaces between it and Chinese. */
const BESIDE_HAN = /((?<=\p{Script=Han}) )?\{(\w+)\}( (?=\p{Script=Han}))?/gu;

/**
 * The message of `key` in `language`, each `{name}` replaced by `params.name` as it is (format numbers first: format.ts).
 * A parameter that is missing leaves its placeholder standing, so that it is seen.
 */
export function translate(language: Language, key: TextKey, params: TextParams = {}): string {
  const message: string = CATALOGUES[language][key];
  return message.replace(BESIDE_HAN, (placeholder, before = '', name: string, after = '') => {
    if (!Object.hasOwn(params, name)) return placeholder;
    const value = String(params[name]);
    // Figures and Latin stand apart from Chinese; an end that is itself Chinese, as that of 1.27万, does not.
    return (/^\p{Script=Han}/u.test(value) ? '' : before) + value + (/\p{Script=Han}$/u.test(value) ? '' : after);
  });
}

/** Like `translate`, for keys composed at run time; a key nobody wrote shows itself. */
export function translateLoose(language: Language, key: string, params: TextParams = {}): string {
  return isTextKey(key) ? translate(language, key, params) : key;
}

/** Names of the placeholders of a message, sorted, each once. */
export function placeholders(message: string): string[] {
  return [...new Set([...message.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string))].sort();
}
