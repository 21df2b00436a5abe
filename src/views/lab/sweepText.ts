// What a sweep says of itself, under its title and when it leaves the page.
import type { TextTools } from '../../components/TextContext';
import type { SweepAnswer } from '../../protocol/lab';
import type { SweepPart } from '../../stores/sweep';
import { modelText } from './modelText';
import { textChoiceText } from './textChoiceText';

type Words = Pick<TextTools, 't' | 'integer' | 'domain'>;

/** Model, step and texts it was measured on, whatever the rest of the lab looks at by now. */
export function sweepText(answer: SweepAnswer, part: SweepPart, ownPrompts: number, text: Words): string {
  const { t, integer } = text;
  const measured = t(part.kind === 'heldOut' ? 'lab.sweep.subtitle' : 'lab.sweep.subtitle.texts', {
    tokens: integer(answer.tokens),
    documents: integer(answer.documents),
    step: integer(answer.step),
    text: partText(part, ownPrompts, text),
  });
  return `${modelText(answer.model, text)} · ${measured}`;
}

function partText(part: SweepPart, ownPrompts: number, text: Words): string {
  const { t, domain } = text;
  if (part.kind !== 'heldOut') return textChoiceText(part, ownPrompts, text);
  const chosen = part.domains.length === 0 ? t('lab.sweep.allDomains') : part.domains.map(domain).join(', ');
  return part.language === 'all' ? chosen : `${chosen}, ${t(`lab.sweep.language.${part.language}`)}`;
}
