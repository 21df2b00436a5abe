// What a sweep over changed models measured.
import type { Estimate } from './pairedInterval';

/** zero: the expert says nothing. reroute: its tokens choose again without it. swap: another expert, drawn by seed, works in its place. */
export type AblationMode = 'zero' | 'reroute' | 'swap';
export const ABLATION_MODES: readonly AblationMode[] = ['zero', 'reroute', 'swap'];

export interface AblationMap {
  readonly mode: AblationMode;
  /** Change of the mean loss, nats a token of the whole text, with its interval over documents; [L, E] each. */
  readonly mean: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

export interface AblationResult {
  readonly layers: number; // L
  readonly experts: number; // E
  /** Loss of the unchanged model, nats a token. */
  readonly loss: number;
  /** Assignments of each expert, [L, E]. */
  readonly load: Float64Array;
  readonly maps: readonly AblationMap[];
}

/** One changed model on a curve: `value` is what was changed, K or the share of experts kept. */
export interface CurvePoint {
  readonly value: number;
  /** Nats a token. */
  readonly loss: number;
  /** Loss less that of the unchanged model, with its interval over documents. */
  readonly change: Estimate;
}

export interface Curve {
  /** Loss of the unchanged model, nats a token. */
  readonly loss: number;
  readonly points: readonly CurvePoint[];
}
