// An intervention in a person's words.
import type { Intervention } from '../../config/intervention';
import type { TextTools } from '../../components/TextContext';
import { rangeText } from './tokenRange';

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
      return loose(`lab.chip.draw.${one.by}`, { seed: one.seed });
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
  return tokens ? words.loose('lab.chip.tokens', { what: there, tokens: rangeText(tokens) }) : there;
}
