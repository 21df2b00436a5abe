// What a filled-in form of a change means, and what biases are under changes that stand.
import { concernsLayer, concernsToken, type Intervention, type TokenRange } from '../../config/intervention';
import type { PromptTrace } from '../../analysis/promptTrace';

export const DRAFT_KINDS = [
  'zero',
  'reroute',
  'swap',
  'force',
  'count',
  'sharedOff',
  'biasZero',
  'biasSet',
  'biasFrozen',
  'random',
  'hash',
  'topMasked',
] as const;
export type DraftKind = (typeof DRAFT_KINDS)[number];

export interface ChangeDraft {
  readonly kind: DraftKind;
  /** MoE layers, counted among themselves; none: all. */
  readonly layers: readonly number[];
  /** At least one. */
  readonly experts: readonly number[];
  /** Works in place of the first of `experts`. */
  readonly instead: number;
  readonly count: number;
  readonly value: number;
  readonly seed: number;
}

/** What a form asks for beside layers and tokens. */
export const ASKED: Readonly<Record<DraftKind, 'experts' | 'swap' | 'count' | 'bias' | 'seed' | 'nothing'>> = {
  zero: 'experts',
  reroute: 'experts',
  swap: 'swap',
  force: 'experts',
  count: 'count',
  sharedOff: 'nothing',
  biasZero: 'nothing',
  biasSet: 'bias',
  biasFrozen: 'nothing',
  random: 'seed',
  hash: 'seed',
  topMasked: 'nothing',
};

/** The shortest decimal that is the same float32. */
export function shortest(value: number): number {
  const wanted = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(wanted.toPrecision(digits));
    if (Object.is(Math.fround(short), wanted)) return short;
  }
  return wanted;
}

/** The bias the model has in one MoE layer, [E]. @param baseline a trace without changes */
export function biasOf({ offsets, tokens, experts }: PromptTrace, layer: number): number[] {
  return Array.from(offsets.subarray(layer * tokens * experts, (layer * tokens + 1) * experts), shortest);
}

/** @param baseline says what a bias is that is to stay as it is */
export function interventionsOf(draft: ChangeDraft, tokens: TokenRange | null, baseline: PromptTrace): Intervention[] {
  const { kind, experts, instead, count, value, seed } = draft;
  const layers = draft.layers.length === 0 ? null : draft.layers;
  const place = { layers, tokens };
  switch (kind) {
    case 'zero':
    case 'reroute':
      return [{ kind: 'mute', mode: kind, experts, ...place }];
    case 'swap':
      return [{ kind, expert: experts[0]!, instead, ...place }];
    case 'force':
      return [{ kind, experts, ...place }];
    case 'count':
      return [{ kind: 'expertsPerToken', count, ...place }];
    case 'biasSet':
      return [{ kind, experts, value, ...place }];
    case 'biasFrozen': {
      const each = layers ?? Array.from({ length: baseline.layers }, (_, layer) => layer);
      return each.map((layer) => ({ kind, values: biasOf(baseline, layer), layers: [layer], tokens }));
    }
    case 'random':
    case 'hash':
      return [{ kind: 'draw', by: kind, seed, ...place }];
    case 'sharedOff':
    case 'biasZero':
    case 'topMasked':
      return [{ kind, ...place }];
  }
}

/** The bias under `interventions` at one layer and position, [E]: the last that speaks of an expert counts. @param bias as trained */
export function biasUnder(
  bias: readonly number[],
  interventions: readonly Intervention[],
  layer: number,
  position: number,
): number[] {
  const values = [...bias];
  for (const one of interventions) {
    if (!concernsLayer(one, layer) || !concernsToken(one, position)) continue;
    if (one.kind === 'biasZero') values.fill(0);
    else if (one.kind === 'biasSet') for (const expert of one.experts) values[expert] = one.value;
    else if (one.kind === 'biasFrozen') values.splice(0, values.length, ...one.values);
  }
  return values;
}

/** One bias set by hand; an earlier setting of the same one gives way. */
export function withBias(
  interventions: readonly Intervention[],
  layer: number,
  expert: number,
  value: number,
  tokens: TokenRange | null,
): Intervention[] {
  const isSame = (one: Intervention): boolean =>
    one.kind === 'biasSet' &&
    one.experts.length === 1 &&
    one.experts[0] === expert &&
    one.layers?.length === 1 &&
    one.layers[0] === layer &&
    one.tokens?.from === tokens?.from &&
    one.tokens?.to === tokens?.to;
  return [...interventions.filter((one) => !isSame(one)), { kind: 'biasSet', experts: [expert], value, layers: [layer], tokens }];
}
