// Every expert taken away in turn: what the loss of held-out text would be without it.
import { pairedEstimate, type Estimate } from '../analysis/pairedInterval';
import { ABLATION_MODES, type AblationMap, type AblationMode, type AblationResult } from '../analysis/sweeps';
import type { Intervention } from '../config/intervention';
import { moeLayerCount, type ModelConfig } from '../config/modelConfig';
import { rngFor } from '../core/rng';
import { SharedPrefix } from '../inference/sharedPrefix';
import type { LiveModel } from '../model/liveModel';
import { addByDocument, type DocumentText } from './documents';

/** The one intervention that takes `expert` of MoE layer `layer` away. */
export function ablationOf(mode: AblationMode, layer: number, expert: number, seed: number, config: ModelConfig): Intervention {
  const place = { layers: [layer], tokens: null };
  if (mode !== 'swap') return { kind: 'mute', mode, experts: [expert], ...place };
  const E = config.nRoutedExperts;
  const drawn = rngFor(seed, 'routing', layer * E + expert).below(E - 1);
  return { kind: 'swap', expert, instead: drawn < expert ? drawn : drawn + 1, ...place };
}

/** Ways to take an expert away: where every expert that can be chosen is, there is no other to choose or to swap for. */
export function modesFor(config: ModelConfig): readonly AblationMode[] {
  const reach = (config.nRoutedExperts / config.nGroup) * config.topkGroup;
  return reach > config.numExpertsPerTok ? ABLATION_MODES : ['zero'];
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
  return { layers: L, experts: E, loss: nats / tokens, load, maps };
}
