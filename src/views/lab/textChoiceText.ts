// A choice of texts in a person's words, and the choices there are.
import type { TextTools } from '../../components/TextContext';
import { LIBRARY_DOMAINS, LIBRARY_LANGUAGES } from '../../data/library/promptLibrary';
import { textChoiceKey, type TextChoice } from '../../stores/textChoice';

type Words = Pick<TextTools, 't' | 'integer'>;

export function textChoiceText(choice: TextChoice, ownPrompts: number, { t, integer }: Words): string {
  switch (choice.kind) {
    case 'prompt':
    case 'typed':
      return t(`compare.texts.${choice.kind}`);
    case 'own':
      return t('compare.texts.own', { count: integer(ownPrompts) });
    case 'set':
      return t('library.set', {
        domain: t(`library.domain.${choice.domain}`),
        language: t(`library.language.${choice.language}`),
      });
  }
}

export interface TextOption {
  readonly id: string;
  readonly label: string;
  readonly choice: TextChoice;
}

/** Name of a choice in a list: other typed texts are the same entry. */
export const optionIdOf = (choice: TextChoice): string => (choice.kind === 'set' ? textChoiceKey(choice) : choice.kind);

/** All choices; `typed` begins empty. */
export function textOptions(ownPrompts: number, words: Words): readonly TextOption[] {
  const sets = (['all', ...LIBRARY_DOMAINS] as const).flatMap((domain) =>
    LIBRARY_LANGUAGES.map((language): TextChoice => ({ kind: 'set', domain, language })),
  );
  const choices: readonly TextChoice[] = [
    { kind: 'prompt' },
    { kind: 'typed', text: '' },
    ...(ownPrompts > 0 ? [{ kind: 'own' } as const] : []),
    ...sets,
  ];
  return choices.map((choice) => ({ id: optionIdOf(choice), label: textChoiceText(choice, ownPrompts, words), choice }));
}
