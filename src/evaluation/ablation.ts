// Every expert taken away in turn: what the loss of held-out text would be without it.
import { pairedEstimate, type Estimate } from '../analysis/pairedInterval';
import type { Intervention } from '../config/intervention';
import { moeLayerCount, type ModelConfig } from '../config/modelConfig';
import { rngFor } from '../core/rng';
import { SharedPrefix } from '../inference/sharedPrefix';
import type { LiveModel } from '../model/liveModel';
import { addByDocument, type DocumentText } from './documents';

/** zero: it says nothing. reroute: its tokens choose again without it. swap: another expert, drawn by seed, works in its place. */
export type AblationMode = 'zero' | 'reroute' | 'swap';

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
  readonly tokens: number;
  readonly documents: number;
  /** Loss of the unchanged model, nats a token. */
  readonly loss: number;
  /** Assignments of each expert, [L, E]. */
  readonly load: Float64Array;
  readonly maps: readonly AblationMap[];
}

/** The one intervention that takes `expert` of MoE layer `layer` away. */
export function ablationOf(mode: AblationMode, layer: number, expert: number, seed: number, config: ModelConfig): Intervention {
  const place = { layers: [layer], tokens: null };
  if (mode !== 'swap') return { kind: 'mute', mode, experts: [expert], ...place };
  const E = config.nRoutedExperts;
  const drawn = rngFor(seed, 'routing', layer * E + expert).below(E - 1);
  return { kind: 'swap', expert, instead: drawn < expert ? drawn : drawn + 1, ...place };
}

/** How many experts can be taken away: with K of K there is none to choose or swap instead. */
export function modesFor(config: ModelConfig): AblationMode[] {
  const reach = (config.nRoutedExperts / config.nGroup) * config.topkGroup;
  return reach > config.numExpertsPerTok ? ['zero', 'reroute', 'swap'] : ['zero'];
}

/**
 * Ablates each expert in each mode; yields after each expert so that others can have a turn, with experts done of all.
 * @param model must not change until the end
 */
export async function* ablateExperts(
  model: LiveModel,
  text: DocumentText,
  modes: readonly AblationMode[],
  seed: number,
): AsyncGenerator<{ done: number; total: number }, AblationResult> {
  const { config } = model;
  const L = moeLayerCount(config);
  const E = config.nRoutedExperts;
  const D = text.tokens.length;
  const changes = modes.map(() => Array.from({ length: L * E }, () => new Float64Array(D)));
  const load = new Float64Array(L * E);
  const total = text.batches.length * L * E;
  let done = 0;
  let nats = 0;
  let tokens = 0;
  for (const batch of text.batches) {
    const prefix = await SharedPrefix.read(model, batch);
    try {
      tokens += prefix.losses.length;
      for (const loss of prefix.losses) nats += loss;
      for (let layer = 0; layer < L; layer++) {
        for (let expert = 0; expert < E; expert++) {
          const users = prefix.usersOf(layer, expert);
          const place = layer * E + expert;
          load[place]! += users.reduce((sum, used) => sum + used, 0);
          for (const [index, mode] of modes.entries()) {
            // An expert that is not chosen may still carry its group's score: away from it, any token may choose otherwise.
            const touched = mode === 'reroute' && config.nGroup > 1 ? new Uint8Array(users.length).fill(1) : users;
            const losses = await prefix.lossesUnder(layer, [ablationOf(mode, layer, expert, seed, config)], touched);
            addByDocument(changes[index]![place]!, batch, (n) => losses[n]! - prefix.losses[n]!);
          }
          yield { done: ++done, total };
        }
      }
    } finally {
      prefix.dispose();
    }
  }
  const maps = modes.map((mode, index): AblationMap => {
    const estimates = changes[index]!.map((sums) => pairedEstimate(sums, text.tokens));
    const column = (key: keyof Estimate) => Float64Array.from(estimates, (estimate) => estimate[key]);
    return { mode, mean: column('mean'), low: column('low'), high: column('high') };
  });
  return { layers: L, experts: E, tokens, documents: D, loss: nats / tokens, load, maps };
}
