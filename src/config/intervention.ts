// A change to the routing of a trained model, as data: what the prompt lab applies, a link carries and an experiment keeps.

/** Positions `from` ≤ t < `to` of a text, counted from its first token. */
export interface TokenRange {
  readonly from: number;
  readonly to: number;
}

interface Place {
  /** MoE layers, counted from 0 among themselves; null: all of them. */
  readonly layers: readonly number[] | null;
  /** null: every token, those a generation adds included. */
  readonly tokens: TokenRange | null;
}

/**
 * What is done there:
 * mute: `zero` keeps the choice and takes the expert's contribution away; `reroute` chooses as if it were not there.
 * swap: `instead` works in place of `expert`, with that one's weight.
 * force: the experts are chosen, whatever their scores.
 * expertsPerToken: K. sharedOff: no shared experts.
 * biasZero, biasSet, biasFrozen: the bias is 0; is `value` for `experts`; is `values` [E] for the one layer named.
 * draw: the ranking is drawn: anew for each position (`random`), or always the same for a token id (`hash`).
 * topMasked: the best-ranked expert is passed over. A drawn ranking has no best, and stays.
 */
export type Intervention = Place &
  (
    | { readonly kind: 'mute'; readonly experts: readonly number[]; readonly mode: MuteMode }
    | { readonly kind: 'swap'; readonly expert: number; readonly instead: number }
    | { readonly kind: 'force'; readonly experts: readonly number[] }
    | { readonly kind: 'expertsPerToken'; readonly count: number }
    | { readonly kind: 'sharedOff' }
    | { readonly kind: 'biasZero' }
    | { readonly kind: 'biasSet'; readonly experts: readonly number[]; readonly value: number }
    | { readonly kind: 'biasFrozen'; readonly values: readonly number[] }
    | { readonly kind: 'draw'; readonly by: 'random' | 'hash'; readonly seed: number }
    | { readonly kind: 'topMasked' }
  );

export type MuteMode = 'zero' | 'reroute';
export type InterventionKind = Intervention['kind'];

/** Whether `intervention` says anything about MoE layer `layer`. */
export function concernsLayer({ layers }: Intervention, layer: number): boolean {
  return layers === null || layers.includes(layer);
}

/** Whether it says anything about the token at `position`. */
export function concernsToken({ tokens }: Intervention, position: number): boolean {
  return tokens === null || (position >= tokens.from && position < tokens.to);
}

/** K of one decision: the last intervention that names one counts. @param trained K of the model */
export function expertsPerTokenAt(
  interventions: readonly Intervention[],
  trained: number,
  layer: number,
  position: number,
): number {
  let count = trained;
  for (const one of interventions)
    if (one.kind === 'expertsPerToken' && concernsLayer(one, layer) && concernsToken(one, position)) count = one.count;
  return count;
}
