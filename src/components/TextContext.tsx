// The language of everything below, as a context: components know words but no store.
import { createContext, useContext, useMemo, type ReactNode } from 'react';
import { I18nProvider } from 'react-aria-components';
import * as format from '../text/format';
import { isTextKey, type TextKey } from '../text/catalogue';
import { LOCALE, type Language } from '../text/language';
import { translate, translateLoose, type TextParams } from '../text/translate';

/** Messages and number formats bound to one language. */
export interface TextTools {
  readonly language: Language;
  readonly t: (key: TextKey, params?: TextParams) => string;
  /** For keys composed at run time, e.g. `field.${path}.label`; an unknown key shows itself. */
  readonly loose: (key: string, params?: TextParams) => string;
  /** Name of a domain of the corpus; one that nobody named shows its id. */
  readonly domain: (id: string) => string;
  readonly integer: (value: number) => string;
  readonly fixed: (value: number, digits: number) => string;
  readonly significant: (value: number, digits?: number) => string;
  readonly signed: (value: number, digits: number) => string;
  readonly percent: (share: number, digits?: number) => string;
  readonly compact: (value: number) => string;
  readonly bytes: (bytes: number) => string;
  readonly duration: (milliseconds: number) => string;
  readonly moment: (millisecondsSince1970: number) => string;
}

/** For words outside the tree of components; inside it, useText. */
export function toolsFor(language: Language): TextTools {
  return {
    language,
    t: (key, params) => translate(language, key, params),
    loose: (key, params) => translateLoose(language, key, params),
    domain: (id) => (isTextKey(`domain.${id}`) ? translateLoose(language, `domain.${id}`) : id),
    integer: (value) => format.formatInteger(language, value),
    fixed: (value, digits) => format.formatFixed(language, value, digits),
    significant: (value, digits) => format.formatSignificant(language, value, digits),
    signed: (value, digits) => format.formatSigned(language, value, digits),
    percent: (share, digits) => format.formatPercent(language, share, digits),
    compact: (value) => format.formatCompact(language, value),
    bytes: (bytes) => format.formatBytes(language, bytes),
    duration: (milliseconds) => format.formatDuration(language, milliseconds),
    moment: (moment) => format.formatMoment(language, moment),
  };
}

const TextContext = createContext<TextTools>(toolsFor('en'));

/** Speaks `language` to everything below, react-aria's own words included. */
export function LanguageProvider({ language, children }: { readonly language: Language; readonly children: ReactNode }) {
  const tools = useMemo(() => toolsFor(language), [language]);
  return (
    <I18nProvider locale={LOCALE[language]}>
      <TextContext value={tools}>{children}</TextContext>
    </I18nProvider>
  );
}

/** Messages and number formats in the language of the page. */
export function useText(): TextTools {
  return useContext(TextContext);
}
