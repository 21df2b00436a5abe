// Which texts a question is about: the prompt of the lab, others that are typed, a set of the library, one's own.
import {
  LIBRARY_DOMAINS,
  LIBRARY_LANGUAGES,
  PROMPT_LIBRARY,
  type LibraryDomain,
  type LibraryLanguage,
} from '../data/library/promptLibrary';
import { useLab } from './lab';
import { useOwnPrompts } from './ownPrompts';

export type TextChoice =
  /** What stands in the prompt field. */
  | { readonly kind: 'prompt' }
  /** Typed; an empty line stands between two. */
  | { readonly kind: 'typed'; readonly text: string }
  | { readonly kind: 'set'; readonly domain: LibraryDomain | 'all'; readonly language: LibraryLanguage }
  /** All of one's own prompts. */
  | { readonly kind: 'own' };

/** The choice as it stands: one's own prompts while there are any. */
export function standing<Choice extends { readonly kind: string }>(
  choice: Choice,
  ownPrompts: number,
): Choice | { readonly kind: 'prompt' } {
  return choice.kind === 'own' && ownPrompts === 0 ? { kind: 'prompt' } : choice;
}

/** The texts as they are now. */
export function textsOf(choice: TextChoice): readonly string[] {
  switch (choice.kind) {
    case 'prompt':
      return [useLab.getState().text];
    case 'typed':
      return choice.text.split(/\n[^\S\n]*\n/).filter((text) => text.trim() !== '');
    case 'set': {
      const domains = choice.domain === 'all' ? LIBRARY_DOMAINS : [choice.domain];
      return domains.flatMap((domain) => PROMPT_LIBRARY[domain].map((prompt) => prompt[choice.language]));
    }
    case 'own':
      return useOwnPrompts.getState().prompts.map(({ text }) => text);
  }
}

/** For links. One's own prompts are in no other browser, so they travel as texts. */
export function textChoiceKey(choice: TextChoice): string {
  switch (choice.kind) {
    case 'prompt':
      return 'prompt';
    case 'typed':
      return `typed.${choice.text}`;
    case 'set':
      return `set.${choice.domain}.${choice.language}`;
    case 'own':
      return `typed.${textsOf(choice)
        .map((text) => text.replaceAll(/\n\s*\n/g, '\n'))
        .join('\n\n')}`;
  }
}

/** null where `key` names no texts. */
export function textChoiceOfKey(key: string): TextChoice | null {
  if (key === 'prompt') return { kind: 'prompt' };
  if (key.startsWith('typed.')) return { kind: 'typed', text: key.slice('typed.'.length) };
  const [kind, name, tongue, ...more] = key.split('.');
  const domain = name === 'all' ? name : LIBRARY_DOMAINS.find((one) => one === name);
  const language = LIBRARY_LANGUAGES.find((one) => one === tongue);
  return kind === 'set' && domain && language && more.length === 0 ? { kind, domain, language } : null;
}
