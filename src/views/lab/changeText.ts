// An intervention in a person's words, and the one a filled-in form means.
import type { Intervention } from '../../config/intervention';
import type { TextTools } from '../../components/TextContext';

type Words = Pick<TextTools, 'loose' | 'integer'>;

function whatText(one: Intervention, { loose, integer }: Words): string {
  const list = (values: readonly number[]) => values.map(integer).join(', ');
  switch (one.kind) {
    case 'mute':
      return loose(`lab.chip.mute.${one.mode}`, { experts: list(one.experts) });
    case 'swap':
      return loose('lab.chip.swap', { expert: integer(one.expert), instead: integer(one.instead) });
    case 'force':
      return loose('lab.chip.force', { experts: list(one.experts) });
    case 'expertsPerToken':
      return loose('lab.chip.expertsPerToken', { count: integer(one.count) });
    case 'biasSet':
      return loose('lab.chip.biasSet', { experts: list(one.experts), value: one.value });
    case 'draw':
      return loose(`lab.chip.draw.${one.by}`);
    case 'sharedOff':
    case 'biasZero':
    case 'biasFrozen':
    case 'topMasked':
      return loose(`lab.chip.${one.kind}`);
  }
}

/** @param firstLayer number in the model of the first layer that routes */
export function changeText(one: Intervention, firstLayer: number, words: Words): string {
  const what = whatText(one, words);
  const layers = one.layers?.map((layer) => words.integer(firstLayer + layer)).join(', ');
  const there = layers === undefined ? what : words.loose('lab.chip.layers', { what, layers });
  const { tokens } = one;
  return tokens ? words.loose('lab.chip.tokens', { what: there, from: tokens.from, to: tokens.to - 1 }) : there;
}

export const DRAFT_KINDS = ['zero', 'reroute', 'force', 'count', 'sharedOff', 'biasZero', 'topMasked', 'random', 'hash'] as const;
export type DraftKind = (typeof DRAFT_KINDS)[number];

export interface ChangeDraft {
  readonly kind: DraftKind;
  /** null: all. */
  readonly layer: number | null;
  readonly expert: number;
  readonly count: number;
}

/** Whether the form asks for an expert. */
export const namesExpert = (kind: DraftKind): boolean => kind === 'zero' || kind === 'reroute' || kind === 'force';

export function interventionOf({ kind, layer, expert, count }: ChangeDraft): Intervention {
  const place = { layers: layer === null ? null : [layer], tokens: null };
  switch (kind) {
    case 'zero':
    case 'reroute':
      return { kind: 'mute', mode: kind, experts: [expert], ...place };
    case 'force':
      return { kind, experts: [expert], ...place };
    case 'count':
      return { kind: 'expertsPerToken', count, ...place };
    case 'random':
    case 'hash':
      return { kind: 'draw', by: kind, seed: 1, ...place };
    case 'sharedOff':
    case 'biasZero':
    case 'topMasked':
      return { kind, ...place };
  }
}
