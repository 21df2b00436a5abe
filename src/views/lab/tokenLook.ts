// What the mark under a token of the prompt means: its expert, a margin, a share, a loss.
import type { PromptTrace } from '../../analysis/promptTrace';
import { cssColor, domainShare, expertColor, scaleColor, type Theme } from '../../components/color';
import type { TokenLook } from '../../components/TokenStrip';
import type { AttentionMaps } from '../../stores/attention';
import type { TextTools } from '../../components/TextContext';

export const COLORS = ['expert', 'margin', 'bias', 'surprise', 'gate', 'attention', 'change'] as const;
export type ColorBy = (typeof COLORS)[number];

export interface Marked {
  readonly trace: PromptTrace;
  readonly layer: number;
  /** Whose weight `gate` shows. */
  readonly expert: number;
  /** Whose attention `attention` shows, and by which head. */
  readonly from: number;
  readonly head: number;
  readonly attention: AttentionMaps | null;
  /** Nats, [T]; null without a change. */
  readonly surpriseChange: Float32Array | null;
}

/** Ends of the scales: a margin beyond which a choice is hardly in doubt, nats of a surprise and of a change of it. */
const MARGIN_END = 0.25;
const SURPRISE_END = 10;
const CHANGE_END = 2;

/** A piece as a label; one that is nothing but white space is marked. */
export const visible = (piece: string): string => piece.trim() || '␣';

/** Weight of one expert for each token of one layer, [T]; 0 where it is not chosen. */
export function weightsOf(
  { tokens: T, expertsPerToken: K, chosen, weights }: PromptTrace,
  layer: number,
  expert: number,
): number[] {
  return Array.from({ length: T }, (_, token) => {
    const at = (layer * T + token) * K;
    const k = chosen.subarray(at, at + K).indexOf(expert);
    return k < 0 ? 0 : weights[at + k]!;
  });
}

export function markOf(
  by: ColorBy,
  token: number,
  marked: Marked,
  theme: Theme,
  { fixed, signed, percent }: Pick<TextTools, 'fixed' | 'signed' | 'percent'>,
): Pick<TokenLook, 'color' | 'tag'> {
  const { trace, layer, expert, from, head, attention, surpriseChange } = marked;
  const { tokens: T, expertsPerToken: K } = trace;
  const row = layer * T + token;
  const amount = (share: number, tag: string) => ({
    color: cssColor(scaleColor('sequential', theme, Math.min(1, share))),
    tag,
  });
  switch (by) {
    case 'expert': {
      const top = trace.chosen[row * K]!;
      return { color: expertColor(top, theme), tag: String(top) };
    }
    case 'margin': {
      const margin = trace.margins[row]!;
      return amount(margin / MARGIN_END, fixed(margin, 2));
    }
    case 'bias': {
      const chosen = trace.chosen.subarray(row * K, (row + 1) * K).filter((one) => one >= 0).length;
      const share = chosen === 0 ? 0 : trace.offsetChanged[row]! / chosen;
      return amount(share, percent(share, 0));
    }
    case 'surprise': {
      const nats = trace.surprise[token]!;
      return Number.isNaN(nats) ? { color: null, tag: '–' } : amount(nats / SURPRISE_END, fixed(nats, 1));
    }
    case 'gate': {
      const all = weightsOf(trace, layer, expert);
      const weight = all[token]!;
      return weight === 0 ? { color: null, tag: '·' } : amount(weight / Math.max(...all), fixed(weight, 2));
    }
    case 'attention': {
      if (!attention || token > from) return { color: null, tag: '·' };
      const share = attention.maps[(head * T + from) * T + token]!;
      return amount(share, percent(share, 0));
    }
    case 'change': {
      const nats = surpriseChange?.[token] ?? NaN;
      if (Number.isNaN(nats)) return { color: null, tag: '–' };
      return {
        color: cssColor(scaleColor('diverging', theme, domainShare(nats, [-CHANGE_END, 0, CHANGE_END]))),
        tag: signed(nats, 2),
      };
    }
  }
}
