// What the models of the lab are called.
import type { TextTools } from '../../components/TextContext';
import type { ModelRef } from '../../protocol/modelRef';
import { modelKey } from '../../stores/models';

/** The model, without its step. */
export function modelText({ kind }: ModelRef, { t }: Pick<TextTools, 't'>): string {
  return t(`lab.model.${kind}`);
}

/** The model as one of several: with the step where that tells it apart. */
export function modelChoiceText(ref: ModelRef, text: Pick<TextTools, 't' | 'integer'>): string {
  if (!('step' in ref)) return modelText(ref, text);
  return text.t('lab.model.atStep', { model: modelText(ref, text), step: text.integer(ref.step) });
}

/** Entries of a list of models; the one in hand is among them, even where the page does not know it. */
export function modelChoices(models: readonly ModelRef[], inHand: ModelRef | null, text: Pick<TextTools, 't' | 'integer'>) {
  const all = !inHand || models.some((one) => modelKey(one) === modelKey(inHand)) ? models : [...models, inHand];
  return all.map((one) => ({ id: modelKey(one), label: modelChoiceText(one, text) }));
}
