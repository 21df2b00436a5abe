// How a domain looks and is called, the same in every chart: its colour by its place in the corpus, its language by dash and texture.
import { useCallback } from 'react';
import type { Texture } from '../../components/BarsDrawing';
import { categoryColor } from '../../components/color';
import { useText } from '../../components/TextContext';
import type { Language } from '../../data/corpus';
import { useCorpus } from '../../stores/corpus';
import type { ValidatedText } from './lossData';

export interface DomainLook {
  readonly id: string;
  readonly domain: string;
  readonly language: string;
  /** Both, short. */
  readonly label: string;
  readonly color: string;
  readonly dash: readonly number[];
  readonly texture: Texture;
}

const DASH: Readonly<Record<Language, readonly number[]>> = { zh: [], en: [6, 3], none: [2, 2] };
export const LANGUAGE_TEXTURE: Readonly<Record<Language, Texture>> = { zh: 'solid', en: 'striped', none: 'dotted' };
const NO_DOMAINS: readonly string[] = [];

export function useDomainLook(): (text: ValidatedText) => DomainLook {
  const { t, domain: nameOf } = useText();
  const domains = useCorpus(({ corpus }) => (corpus.phase === 'ready' ? corpus.info.domains : NO_DOMAINS));
  return useCallback(
    ({ domain, language }) => ({
      id: `${domain}-${language}`,
      domain: nameOf(domain),
      language: t(`train.domain.language.${language}`),
      label: language === 'none' ? nameOf(domain) : `${nameOf(domain)} · ${t(`train.domain.short.${language}`)}`,
      color: categoryColor(Math.max(0, domains.indexOf(domain))),
      dash: DASH[language],
      texture: LANGUAGE_TEXTURE[language],
    }),
    [t, nameOf, domains],
  );
}
