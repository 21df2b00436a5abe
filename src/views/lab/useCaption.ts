// What the figures of the lab say of themselves when they leave the page.
import { useMemo } from 'react';
import type { PanelCaption } from '../../components/panelCaption';
import { useText } from '../../components/TextContext';
import type { SweepAnswer, TraceAnswer } from '../../protocol/lab';
import type { CompareAnswer } from '../../stores/compare';
import { useLab } from '../../stores/lab';
import { changeText } from './changeText';
import { exportNameOf } from './exportName';
import { modelText } from './modelText';
import { usePlaceIn } from './shown';

/** Signs of a prompt that a caption quotes. */
const QUOTED = 80;

/** Model, step, layer, tokens, and what the figures are compared with. */
export function useTraceCaption(answer: TraceAnswer): PanelCaption {
  const text = useText();
  const { layer } = usePlaceIn(answer);
  const changes = useLab(({ interventions }) => interventions.present);
  return useMemo(() => {
    const { t, integer } = text;
    const { model, step, firstLayer, prompt, changed } = answer;
    const words = [...prompt.pieces.slice(1).join('')];
    const quoted = words.length > QUOTED ? `${words.slice(0, QUOTED).join('')}…` : words.join('');
    const done = changes.map((one) => changeText(one, firstLayer, text)).join('; ');
    const said = {
      model: modelText(model, text),
      step: integer(step),
      layer: firstLayer + layer,
      tokens: integer(prompt.ids.length - 1),
      text: quoted.replaceAll(/\s+/g, ' '),
      baseline: changed ? t('trace.caption.changed', { changes: done }) : t('trace.caption.baseline'),
    };
    return { text: t('trace.caption', said), fileSuffix: exportNameOf(answer) };
  }, [text, answer, layer, changes]);
}

/** The same of a comparison. @param words what both sides are, as the figure itself says */
export function useCompareCaption(answer: CompareAnswer | null, words: string): PanelCaption | null {
  const { t } = useText();
  return useMemo(() => {
    if (!answer) return null;
    const [first, second] = answer.sides;
    const chance = answer.dealt ? 'dealt' : 'random';
    return {
      text: t('compare.caption', { sides: words, baseline: t(`compare.caption.${chance}`) }),
      fileSuffix: `${exportNameOf(first)}-beside-${exportNameOf(second)}`,
    };
  }, [answer, words, t]);
}

/** The same of a sweep. @param words what it measured, as the figure itself says */
export function useSweepCaption(answer: SweepAnswer | null, words: string): PanelCaption | null {
  return useMemo(() => answer && { text: words, fileSuffix: exportNameOf(answer) }, [answer, words]);
}
