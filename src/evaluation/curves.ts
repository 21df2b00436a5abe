// The loss of held-out text as one thing about the routing changes: how many experts a token gets, how many are kept at all.
import { pairedEstimate } from '../analysis/pairedInterval';
import type { Curve, CurvePoint } from '../analysis/sweeps';
import type { Intervention } from '../config/intervention';
import { moeLayerCount, type ModelConfig } from '../config/modelConfig';
import { SharedPrefix, tokenLosses } from '../inference/sharedPrefix';
import type { LiveModel } from '../model/liveModel';
import { addByDocument, type DocumentText } from './documents';

/** One version of the model, at its place on the curve's axis. */
export interface Version {
  readonly value: number;
  readonly interventions: readonly Intervention[];
}

const reachOf = ({ nRoutedExperts, nGroup, topkGroup }: ModelConfig): number => (nRoutedExperts / nGroup) * topkGroup;

/** K from 1 to twice the trained K, as far as there are experts. */
export function expertCountVersions(config: ModelConfig): Version[] {
  const most = Math.min(2 * config.numExpertsPerTok, reachOf(config));
  return Array.from({ length: most }, (_, index) => ({
    value: index + 1,
    interventions: [{ kind: 'expertsPerToken', count: index + 1, layers: null, tokens: null }],
  }));
}

/**
 * Only the busiest experts of each layer kept; the others are chosen by nobody.
 * @param load assignments on the text that says who is busy, [L, E] @param shares of the experts that stay, in (0, 1]; never fewer than a token needs
 */
export function busiestVersions(load: ArrayLike<number>, shares: readonly number[], config: ModelConfig): Version[] {
  const E = config.nRoutedExperts;
  const fewest = config.numExpertsPerTok + E - reachOf(config);
  return shares.map((share) => {
    const kept = Math.max(fewest, Math.round(share * E));
    const interventions = Array.from({ length: moeLayerCount(config) }, (_, layer): Intervention => {
      const order = Array.from({ length: E }, (_unused, expert) => expert).sort(
        (a, b) => load[layer * E + b]! - load[layer * E + a]! || a - b,
      );
      return { kind: 'mute', mode: 'reroute', experts: order.slice(kept), layers: [layer], tokens: null };
    });
    return { value: kept / E, interventions: kept === E ? [] : interventions };
  });
}

/** Assignments of each expert on a text, [L, E]; yields after each batch so that others can have a turn. */
export async function* textLoad(model: LiveModel, text: DocumentText): AsyncGenerator<void, Float64Array> {
  const E = model.config.nRoutedExperts;
  const load = new Float64Array(moeLayerCount(model.config) * E);
  for (const batch of text.batches) {
    const read = await SharedPrefix.read(model, batch);
    read.dispose();
    const places = batch.inputs.length * model.config.numExpertsPerTok;
    read.chosen.forEach((expert, place) => load[Math.floor(place / places) * E + expert]!++);
    yield;
  }
  return load;
}

/** Measures each version; yields after each pass so that others can have a turn. @param model must not change until the end */
export async function* measureCurve(
  model: LiveModel,
  text: DocumentText,
  versions: readonly Version[],
): AsyncGenerator<{ done: number; total: number }, Curve> {
  const changes = versions.map(() => new Float64Array(text.tokens.length));
  const total = text.batches.length * (versions.length + 1);
  let done = 0;
  let nats = 0;
  let tokens = 0;
  for (const batch of text.batches) {
    const plain = await tokenLosses(model, batch, []);
    for (const loss of plain) nats += loss;
    tokens += plain.length;
    yield { done: ++done, total };
    for (const [index, { interventions }] of versions.entries()) {
      const losses = await tokenLosses(model, batch, interventions);
      addByDocument(changes[index]!, batch, (n) => losses[n]! - plain[n]!);
      yield { done: ++done, total };
    }
  }
  const points = versions.map(({ value }, index): CurvePoint => {
    const change = pairedEstimate(changes[index]!, text.tokens);
    return { value, loss: nats / tokens + change.mean, change };
  });
  return { loss: nats / tokens, points };
}
