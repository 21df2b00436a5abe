// One optimizer step: shards, reduction, AdamW, balance; then one read of everything the step has to tell.
import { moeLayerCount, type ModelConfig } from '../config/modelConfig';
import type { TrainConfig } from '../config/trainConfig';
import { packed } from '../kernels/packed/packed';
import { dispose, read, sharing, type Tensor } from '../kernels/tensor';
import type { Balancer } from './balancer';
import type { Optimizer } from './optimizer';
import type { ShardResult } from './shard';
import type { StepTracer } from './stepTracer';

/** What a finished step tells. L MoE layers, E experts, [L, E] row-major. */
export interface StepReport {
  /** False: something was not finite and nothing was changed. */
  readonly finite: boolean;
  /** Mean cross entropy over the batch, nats. */
  readonly loss: number;
  readonly balanceLoss: number;
  /** Before clipping. */
  readonly gradientNorm: number;
  readonly clipped: boolean;
  readonly maxAttentionLogit: number;
  readonly load: Float32Array;
  readonly gateMass: Float32Array;
  /** The bias that chose in this step (zeros in mode 'none'). */
  readonly bias: Float32Array;
  readonly biasUpdate: Float32Array;
  /** [L] */
  readonly biasChangedShare: Float32Array;
  readonly window: WindowReport;
}

/** Routes of the first sequence of the batch, T tokens. */
export interface WindowReport {
  readonly loss: Float32Array; // [T] nats
  readonly chosen: Uint16Array; // [L, T, K]
  readonly weights: Float32Array; // [L, T, K]
  readonly biasChanged: Uint8Array; // [L, T]
}

/** Cuts a vector into consecutive pieces. */
class Reader {
  private offset = 0;
  private readonly values: Float32Array;

  constructor(values: Float32Array) {
    this.values = values;
  }

  take(count: number): Float32Array {
    return this.values.slice(this.offset, (this.offset += count));
  }
}

/** What one update goes by, besides the settings. */
export interface UpdateSpeeds {
  readonly learningRate: number;
  readonly biasUpdateSpeed: number; // γ
}

/**
 * Updates the weights and the biases by a whole step's gradient and load (both consumed).
 * @param update number of this update, the first is 1
 * @returns everything the step has to tell, end to end: see `reportOf`; the caller owns it
 */
export function updateOnce(
  sum: ShardResult,
  optimizer: Optimizer,
  balancer: Balancer,
  update: number,
  { learningRate, biasUpdateSpeed }: UpdateSpeeds,
  train: TrainConfig,
): Tensor {
  const bias = balancer.choiceOffsets(train.balanceMode).map(sharing); // as it chose: the update below replaces it
  const control = optimizer.step(sum.gradients, sum.figures, update, learningRate, train);
  const changes = balancer.update(sum.totals, control, train.balanceMode, biasUpdateSpeed);
  const told = packed([control, sum.figures, ...sum.totals, ...bias, ...changes, sum.window]);
  dispose([control, ...bias, ...changes, ...sum.gradients, ...sum.totals, sum.figures, sum.window]);
  return told;
}

/**
 * `updateOnce`, and what the step has to tell.
 * @param tracer hears when the optimizer and the reading have ended
 */
export async function finishStep(
  sum: ShardResult,
  optimizer: Optimizer,
  balancer: Balancer,
  update: number,
  speeds: UpdateSpeeds,
  train: TrainConfig,
  model: ModelConfig,
  tracer: Pick<StepTracer, 'end'> | null,
): Promise<StepReport> {
  const told = updateOnce(sum, optimizer, balancer, update, speeds, train);
  await tracer?.end('optimizer');
  const values = await read(told).finally(() => dispose(told));
  await tracer?.end('readBack');
  return reportOf(new Reader(values), train, model);
}

function reportOf(reader: Reader, train: TrainConfig, model: ModelConfig): StepReport {
  const L = moeLayerCount(model);
  const E = model.nRoutedExperts;
  const K = model.numExpertsPerTok;
  const T = train.sequenceLength;
  const [gradientNorm, scale, finite] = reader.take(3) as unknown as [number, number, number];
  let loss = 0;
  let balanceLoss = 0;
  let maxAttentionLogit = -Infinity;
  const changed = new Float32Array(L);
  for (let shard = 0; shard < train.shards; shard++) {
    loss += reader.take(1)[0]!;
    if (L > 0) balanceLoss += reader.take(1)[0]!;
    for (const peak of reader.take(model.numHiddenLayers)) maxAttentionLogit = Math.max(maxAttentionLogit, peak);
    reader.take(L).forEach((count, layer) => (changed[layer]! += count));
  }
  const load = new Float32Array(L * E);
  const gateMass = new Float32Array(L * E);
  for (let layer = 0; layer < L; layer++) {
    load.set(reader.take(E), layer * E);
    gateMass.set(reader.take(E), layer * E);
  }
  const bias = reader.take(L * E);
  const biasUpdate = reader.take(L * E);
  return {
    finite: finite === 1,
    loss,
    balanceLoss,
    gradientNorm,
    clipped: scale < 1,
    maxAttentionLogit,
    load,
    gateMass,
    bias,
    biasUpdate,
    biasChangedShare: changed.map((count) => count / (train.batchSize * T * K)),
    window: windowReport(reader, L, T, K),
  };
}

function windowReport(reader: Reader, L: number, T: number, K: number): WindowReport {
  const loss = reader.take(T);
  const chosen = new Uint16Array(L * T * K);
  const weights = new Float32Array(L * T * K);
  const biasChanged = new Uint8Array(L * T);
  for (let layer = 0; layer < L; layer++) {
    chosen.set(reader.take(T * K), layer * T * K);
    weights.set(reader.take(T * K), layer * T * K);
    const diagnostics = reader.take(2 * T); // a margin, then the choices changed
    for (let t = 0; t < T; t++) biasChanged[layer * T + t] = diagnostics[2 * t + 1]! > 0 ? 1 : 0;
  }
  return { loss, chosen, weights, biasChanged };
}
