// How far the numbers of a model have moved between two moments of its run, told apart by what they are for.

export const PARAMETER_GROUPS = [
  'embedding',
  'attention',
  'norm',
  'mlp',
  'router',
  'experts',
  'sharedExperts',
  'head',
  'bias',
] as const;
/** `mlp`: of dense layers. `bias`: the router's balance bias, which no gradient moves. */
export type ParameterGroup = (typeof PARAMETER_GROUPS)[number];

/** One group in one layer. */
export interface DriftPart {
  readonly group: ParameterGroup;
  /** Number in the model; null for what belongs to no layer. */
  readonly layer: number | null;
  /** Σ (w − r)², r the reference. */
  readonly moved: number;
  /** Σ r². */
  readonly reference: number;
  /** Numbers that it has. */
  readonly count: number;
}

/** What the tensor of a published name is for. Throws for a name no model of ours has. */
export function placeOf(name: string): Pick<DriftPart, 'group' | 'layer'> {
  const [, number, inLayer] = /^model\.layers\.(\d+)\.(.+)$/.exec(name) ?? [];
  const layer = number === undefined ? null : Number(number);
  const own = inLayer ?? name;
  if (own.includes('norm')) return { group: 'norm', layer };
  if (own.startsWith('self_attn.')) return { group: 'attention', layer };
  if (own.startsWith('mlp.gate.')) return { group: own.endsWith('bias') ? 'bias' : 'router', layer };
  if (own.startsWith('mlp.experts.')) return { group: 'experts', layer };
  if (own.startsWith('mlp.shared_experts.')) return { group: 'sharedExperts', layer };
  if (own.startsWith('mlp.')) return { group: 'mlp', layer };
  if (own.startsWith('model.embed_tokens.')) return { group: 'embedding', layer };
  if (own.startsWith('lm_head.')) return { group: 'head', layer };
  throw new Error(`no group for ${name}`);
}

/** Σ (w − r)² and Σ r² of one tensor, in float64. */
export function movement(values: Float32Array, reference: Float32Array): Pick<DriftPart, 'moved' | 'reference' | 'count'> {
  let moved = 0;
  let length = 0;
  for (let i = 0; i < values.length; i++) {
    const before = reference[i]!;
    const change = values[i]! - before;
    moved += change * change;
    length += before * before;
  }
  return { moved, reference: length, count: values.length };
}

/** Parts of one group and layer become one; in the order of groups, then of layers. */
export function joinedParts(parts: readonly DriftPart[]): DriftPart[] {
  const byPlace = new Map<string, DriftPart>();
  for (const part of parts) {
    const key = `${part.group} ${part.layer}`;
    const { moved, reference, count } = byPlace.get(key) ?? { moved: 0, reference: 0, count: 0 };
    byPlace.set(key, {
      ...part,
      moved: moved + part.moved,
      reference: reference + part.reference,
      count: count + part.count,
    });
  }
  const rank = ({ group, layer }: DriftPart): number => PARAMETER_GROUPS.indexOf(group) * 1e6 + (layer ?? 0);
  return [...byPlace.values()].sort((a, b) => rank(a) - rank(b));
}

/** ‖w − r‖ / ‖r‖ over all numbers of `parts` (Frobenius); NaN where the reference is all zero, as a bias is before the first step. */
export function relativeDrift(parts: readonly DriftPart[]): number {
  let moved = 0;
  let length = 0;
  for (const { moved: of, reference } of parts) {
    moved += of;
    length += reference;
  }
  return length === 0 ? NaN : Math.sqrt(moved / length);
}

/** √(Σ (w − r)² / n) over all numbers of `parts`; NaN where there are none. */
export function rootMeanSquareDrift(parts: readonly DriftPart[]): number {
  let moved = 0;
  let numbers = 0;
  for (const { moved: of, count } of parts) {
    moved += of;
    numbers += count;
  }
  return Math.sqrt(moved / numbers);
}

/** Every weight that a gradient moves. */
export const allWeights = (parts: readonly DriftPart[]): readonly DriftPart[] => parts.filter(({ group }) => group !== 'bias');

/** The weights of a layer but those of its norms: these begin as ones, and so many ones would outweigh all that moves beside them. */
export const ofLayer = (parts: readonly DriftPart[], wanted: number): readonly DriftPart[] =>
  allWeights(parts).filter(({ group, layer }) => layer === wanted && group !== 'norm');

export const ofGroup = (parts: readonly DriftPart[], wanted: ParameterGroup): readonly DriftPart[] =>
  parts.filter(({ group }) => group === wanted);
