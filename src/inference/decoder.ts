// A text the model is reading: what its layers remember of it lies on the device, so the next token costs one row of work.
import { expertsPerTokenAt, type Intervention } from '../config/intervention';
import { assert } from '../core/assert';
import { linear } from '../kernels/linear/linear';
import { packed } from '../kernels/packed/packed';
import { prepared } from '../kernels/prepared';
import { allOrNothing, dispose, intTensor, read, rows, tidy, zeros, type Tensor } from '../kernels/tensor';
import type { LiveModel } from '../model/liveModel';
import { bindParameters, type ModelParameters } from '../model/parameters';
import { plainRouterInputs, type RouterInputs } from '../model/routing';
import { forwardCached, positionsFor } from '../model/transformer';
import { routingTrace, type RoutingTrace } from './routingTrace';
import { steeredRouterInputs } from './steer';

export interface Decoded {
  /** What follows the last token fed, [V]. */
  readonly logits: Float32Array;
  /** The routing of the tokens fed, if it was asked for. */
  readonly trace: RoutingTrace | null;
}

/** A prompt is filled up to a multiple of this many tokens, so that few shapes exist: a GPU keeps buffers of every size it has seen. */
const PROMPT_STEP = 32;

/** Tokens that a prompt of so many is filled up to. Causality hides the filling. */
export const paddedLength = (tokens: number): number => Math.ceil(tokens / PROMPT_STEP) * PROMPT_STEP;

/** Reads one text with the weights of one model. It owns a cache of [capacity, 2·Hkv·D] a layer until `dispose`; the model stays its owner's. */
export class Decoder {
  private readonly model: LiveModel;
  private readonly capacity: number;
  private readonly parameters: ModelParameters;
  private readonly routers: readonly RouterInputs[];
  private readonly own: readonly Tensor[];
  private readonly interventions: readonly Intervention[];
  private caches: readonly Tensor[];
  private filled = 0;
  /** Position in the whole text of the first token in the context. */
  private start: number;

  /** @param capacity tokens of context at most @param start position in the whole text of the first token that will be fed */
  constructor(model: LiveModel, capacity: number, interventions: readonly Intervention[] = [], start = 0) {
    const { config } = model;
    this.interventions = interventions;
    this.start = start;
    this.model = model;
    this.capacity = capacity;
    this.parameters = bindParameters(config, model.parameters);
    const { routers, caches } = allOrNothing(() => ({
      routers: plainRouterInputs(config, model.choiceOffsets),
      caches: this.parameters.layers.map(() => zeros([capacity, 2 * config.numKeyValueHeads * config.headDim])),
    }));
    this.routers = routers;
    this.caches = caches;
    this.own = routers[0] ? [routers[0].contribution, routers[0].given] : [];
  }

  /** Tokens read so far. */
  get length(): number {
    return this.filled;
  }

  /** Whether these are the very tensors it reads with. New values written into them do not show. */
  reads({ parameters, choiceOffsets }: LiveModel): boolean {
    return isSame(parameters, this.model.parameters) && isSame(choiceOffsets, this.model.choiceOffsets);
  }

  /**
   * Reads the next tokens: the first call a whole prompt, later ones mostly one. One transfer a call; do not call again before it resolves.
   * @param ids at least one, and no more than the capacity leaves
   */
  async feed(ids: readonly number[], isTraced: boolean): Promise<Decoded> {
    assert(
      ids.length > 0 && this.filled + ids.length <= this.capacity,
      `${ids.length} tokens after ${this.filled} in a context of ${this.capacity}`,
    );
    const { config } = this.model;
    // The filling follows the last token, so causality hides it; later tokens take its places in the cache.
    const n = this.filled > 0 ? ids.length : Math.min(this.capacity, paddedLength(ids.length));
    const padded = new Int32Array(n);
    padded.set(ids);
    const first = this.start + this.filled;
    const kind = this.interventions.length > 0 ? null : JSON.stringify(['decoder', config, n, this.capacity]);
    const { seen, caches, widths } = await prepared(kind, () => this.pass(padded, ids.length, isTraced));
    dispose(this.caches.filter((cache, layer) => cache !== caches[layer]));
    this.caches = caches;
    this.filled += ids.length;
    const values = await read(seen).finally(() => dispose(seen));
    const filled = (layer: number, t: number) => expertsPerTokenAt(this.interventions, config.numExpertsPerTok, layer, first + t);
    return {
      logits: values.subarray(0, config.vocabSize),
      trace: isTraced ? routingTrace(values.subarray(config.vocabSize), ids.length, n, widths, filled) : null,
    };
  }

  /**
   * What the next tokens give, nothing of it remembered but by the caches returned.
   * @param ids [n], of which the first `count` are meant
   */
  pass(ids: Int32Array, count: number, isTraced: boolean) {
    const { config } = this.model;
    return tidy(() => {
      const positions = positionsFor(config, 1, ids.length, this.filled);
      const routers = this.routersFor(ids, this.start + this.filled);
      const pass = forwardCached(intTensor(ids, [ids.length]), this.parameters, positions, this.caches, routers, config);
      const logits = linear(rows(pass.output, count - 1, 1), this.parameters.head);
      const routed = pass.routings.flatMap(({ chosen, weights }) => [chosen, weights]);
      return {
        seen: isTraced ? packed([logits, ...routed]) : logits,
        caches: [...pass.caches],
        widths: pass.routings.map(({ chosen }) => chosen.shape[1]!),
      };
    });
  }

  private routersFor(ids: Int32Array, first: number): readonly RouterInputs[] {
    if (this.interventions.length === 0) return this.routers;
    const { config, choiceOffsets } = this.model;
    const positions = Int32Array.from(ids, (_, t) => first + t);
    return steeredRouterInputs(config, choiceOffsets, this.interventions, { ids, positions });
  }

  /** Forgets the text, keeps the room for another, whose first token stands at `start` of the whole. */
  clear(start = 0): void {
    this.filled = 0;
    this.start = start;
  }

  dispose(): void {
    dispose([...this.own, ...this.caches]);
    this.caches = [];
  }
}

function isSame(some: readonly Tensor[], others: readonly Tensor[]): boolean {
  return some.length === others.length && some.every((tensor, index) => tensor === others[index]);
}
