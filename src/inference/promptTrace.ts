// A prompt through the model, everything kept: one forward pass for each version of the model, and one transfer for all of them.
import type { LensReading, Predictions, PromptTrace } from '../analysis/promptTrace';
import { expertsPerTokenAt, type Intervention } from '../config/intervention';
import { moeLayerCount, type ModelConfig } from '../config/modelConfig';
import { columns } from '../kernels/choices';
import { divergence, mostLikely, rowLengths } from '../kernels/distributions';
import { linear } from '../kernels/linear/linear';
import { rmsNorm } from '../kernels/rmsNorm/rmsNorm';
import { packed } from '../kernels/packed/packed';
import { prepared } from '../kernels/prepared';
import { dispose, floatTensor, intTensor, read, tidy, type Tensor } from '../kernels/tensor';
import { sortByExpert } from '../kernels/assignments/assignments';
import type { LiveModel } from '../model/liveModel';
import { runRouted, runShared } from '../model/moe';
import { bindParameters, type ModelParameters } from '../model/parameters';
import type { RouterInputs, Routing } from '../model/routing';
import { forward, positionsFor, type ForwardPass } from '../model/transformer';
import { paddedLength } from './decoder';
import { steeredRouterInputs } from './steer';

export const NEXT_TOKENS = 20;
const LENS_TOKENS = 5;

export interface TracedPrompt {
  readonly traces: readonly PromptTrace[];
  /** KL of what follows each token, from the first version to each later one, nats [T]. */
  readonly divergences: readonly Float32Array[];
}

/** What of a pass is read, in the order it is packed in. */
interface Seen {
  readonly routers: readonly RouterInputs[];
  readonly tensors: readonly Tensor[];
  readonly logits: Tensor;
}

/**
 * Traces a prompt through the model as it is under each of several lists of interventions (checked ones; [] is the model as trained).
 * @param ids at least one token @param options lens: the last version is read after every layer, too
 */
export async function tracePrompt(
  model: LiveModel,
  ids: ArrayLike<number>,
  versions: readonly (readonly Intervention[])[],
  { lens = false }: { readonly lens?: boolean } = {},
): Promise<TracedPrompt> {
  const { config } = model;
  const T = ids.length;
  const { told, shapes } = await prepared(null, () => tracePass(model, ids, versions, lens));
  const values = await read(told).finally(() => dispose(told));
  const cursor = new Cursor(values, T);
  const isRead = (version: number): boolean => lens && version === versions.length - 1;
  const traces = versions.map((interventions, index) => traceOf(cursor, shapes[index]!, interventions, isRead(index), config));
  return { traces, divergences: versions.slice(1).map(() => cursor.take([paddedLength(T)])) };
}

/** All that `tracePrompt` reads, packed, and the shapes of what each version packed. */
export function tracePass(
  model: LiveModel,
  ids: ArrayLike<number>,
  versions: readonly (readonly Intervention[])[],
  lens: boolean,
): { readonly told: Tensor; readonly shapes: readonly (readonly (readonly number[])[])[] } {
  const { config } = model;
  const N = paddedLength(ids.length);
  const padded = new Int32Array(N);
  padded.set(ids);
  const targets = new Int32Array(N);
  targets.set(padded.subarray(1));
  const places = Int32Array.from({ length: N }, (_, t) => t);
  const shapes: (readonly number[])[][] = [];
  const isRead = (version: number): boolean => lens && version === versions.length - 1;
  const told = tidy(() => {
    const parameters = bindParameters(config, model.parameters);
    const positions = positionsFor(config, 1, N);
    const tokens = intTensor(padded, [N]);
    const successors = intTensor(targets, [N]);
    const passes = versions.map((interventions, version): Seen => {
      const routers = steeredRouterInputs(config, model.choiceOffsets, interventions, { ids: padded, positions: places });
      const pass = forward(tokens, parameters, positions, routers, config);
      const layers = pass.routings.flatMap((_, layer) => observed(pass, layer, parameters, routers[layer]!, config));
      const readings = isRead(version)
        ? pass.hidden.flatMap((x) => reading(lensLogits(x, parameters, config), successors, LENS_TOKENS))
        : [];
      return {
        routers,
        logits: pass.logits,
        tensors: [...layers, ...reading(pass.logits, successors, NEXT_TOKENS), ...readings],
      };
    });
    const apart = passes.slice(1).map(({ logits }) => divergence(passes[0]!.logits, logits));
    for (const { tensors } of passes) shapes.push(tensors.map(({ shape }) => shape));
    return packed([...passes.flatMap(({ tensors }) => tensors), ...apart]);
  });
  return { told, shapes };
}

const lensLogits = (x: Tensor, { norm, head }: ModelParameters, { rmsNormEps }: ModelConfig): Tensor =>
  linear(rmsNorm(x, norm, rmsNormEps), head);

function reading(logits: Tensor, successors: Tensor, count: number): Tensor[] {
  const { ids, logs, loss } = mostLikely(logits, successors, Math.min(count, logits.shape[1]!));
  return [ids, logs, loss];
}

/** What one MoE layer did, with the length of each contribution. */
function observed(
  { routings, moeInputs }: ForwardPass,
  layer: number,
  { layers }: ModelParameters,
  router: RouterInputs,
  config: ModelConfig,
): Tensor[] {
  const routing = routings[layer]!;
  const { x } = moeInputs[layer]!;
  const { ffn } = layers[config.firstKDenseReplace + layer]!;
  if (ffn.kind !== 'moe') throw new Error(`layer ${layer} of those that route does not`);
  const K = routing.chosen.shape[1]!;
  const norms = Array.from({ length: K }, (_, k) => rowLengths(runRouted(x, alone(routing, k, config), ffn)));
  const shared = runShared(x, ffn, router);
  const N = x.shape[0]!;
  return [
    routing.scores,
    router.choiceOffset,
    routing.chosen,
    routing.weights,
    ...norms,
    shared ? rowLengths(shared) : floatTensor(new Float32Array(N), [N]),
    routing.diagnostics,
  ];
}

/** The routing as if its `k`-th experts were the only ones. */
function alone(routing: Routing, k: number, { nRoutedExperts }: ModelConfig): Routing {
  const chosen = columns(routing.chosen, k, 1);
  const weights = columns(routing.weights, k, 1);
  return { ...routing, chosen, weights, ...sortByExpert(chosen, weights, nRoutedExperts) };
}

/** Reads packed matrices one after the other, the first T rows of each. */
class Cursor {
  private readonly values: Float32Array;
  private readonly rows: number;
  private at = 0;

  constructor(values: Float32Array, rows: number) {
    this.values = values;
    this.rows = rows;
  }

  /** @param shape [N] or [N, M]; one row stands for all @returns a copy, [T, M] */
  take([height, width = 1]: readonly number[]): Float32Array {
    const all = this.values.subarray(this.at, (this.at += height! * width));
    if (height! > 1) return all.slice(0, this.rows * width);
    const spread = new Float32Array(this.rows * width);
    for (let row = 0; row < this.rows; row++) spread.set(all, row * width);
    return spread;
  }
}

function traceOf(
  cursor: Cursor,
  shapes: readonly (readonly number[])[],
  interventions: readonly Intervention[],
  hasLens: boolean,
  config: ModelConfig,
): PromptTrace {
  const L = moeLayerCount(config);
  let index = 0;
  const take = () => cursor.take(shapes[index++]!);
  const widths: number[] = [];
  const layers = Array.from({ length: L }, (_, layer) => {
    const scores = take();
    const offsets = take();
    const K = shapes[index]![1]!;
    widths.push(K);
    const chosen = take();
    const weights = take();
    const norms = Array.from({ length: K }, take);
    const sharedNorms = take();
    return { layer, K, scores, offsets, chosen, weights, norms, sharedNorms, diagnostics: take() };
  });
  const next = predictionsOf(take, shapes[index]![1]!);
  const T = next.surprise.length;
  const E = config.nRoutedExperts;
  const K = Math.max(0, ...widths);
  const chosen = new Int16Array(L * T * K).fill(-1);
  const weights = new Float32Array(L * T * K);
  const norms = new Float32Array(L * T * K);
  for (const { layer, K: width, ...of } of layers) {
    for (let t = 0; t < T; t++) {
      const filled = expertsPerTokenAt(interventions, config.numExpertsPerTok, layer, t);
      for (let k = 0; k < Math.min(filled, width); k++) {
        const place = (layer * T + t) * K + k;
        chosen[place] = of.chosen[t * width + k]!;
        weights[place] = of.weights[t * width + k]!;
        norms[place] = of.norms[k]![t]!;
      }
    }
  }
  const diagnosed = joined(layers.map(({ diagnostics }) => diagnostics));
  return {
    tokens: T,
    layers: L,
    experts: E,
    expertsPerToken: K,
    scores: joined(layers.map(({ scores }) => scores)),
    offsets: joined(layers.map(({ offsets }) => offsets)),
    chosen,
    weights,
    norms,
    sharedNorms: joined(layers.map(({ sharedNorms }) => sharedNorms)),
    margins: diagnosed.filter((_, place) => place % 2 === 0),
    offsetChanged: Uint8Array.from(diagnosed.filter((_, place) => place % 2 === 1)),
    surprise: next.surprise,
    next: next.predictions,
    lens: hasLens ? lensOf(take, config) : null,
  };

  function lensOf(takeNext: () => Float32Array, { numHiddenLayers }: ModelConfig): LensReading {
    const readings = Array.from({ length: numHiddenLayers + 1 }, () => predictionsOf(takeNext, shapes[index]![1]!));
    return {
      count: readings[0]!.predictions.count,
      readings: readings.length,
      ids: Int32Array.from(readings.flatMap(({ predictions }) => [...predictions.ids])),
      logs: joined(readings.map(({ predictions }) => predictions.logs)),
      surprise: joined(readings.map(({ surprise }) => surprise)),
    };
  }
}

/** Ids, their logs and the loss of each token's successor, which becomes the surprise by the token after it. */
function predictionsOf(take: () => Float32Array, count: number): { predictions: Predictions; surprise: Float32Array } {
  const ids = Int32Array.from(take());
  const logs = take();
  const loss = take();
  const surprise = new Float32Array(loss.length).fill(NaN);
  surprise.set(loss.subarray(0, loss.length - 1), 1);
  return { predictions: { count, ids, logs }, surprise };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
