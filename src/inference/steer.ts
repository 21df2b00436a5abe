// From interventions as data to what the routers of one forward pass are told.
import {
  concernsLayer,
  concernsToken,
  expertsPerTokenAt,
  type Intervention,
  type InterventionKind,
} from '../config/intervention';
import type { ModelConfig } from '../config/modelConfig';
import { rngFor } from '../core/rng';
import { add, floatTensor, intTensor, scaled, type Tensor } from '../kernels/tensor';
import { plainRouterInputs, type RouterInputs } from '../model/routing';
import { DECISIVE, type Steering } from '../model/steering';

/** The tokens of one forward pass, [N] each. */
export interface TokenRows {
  readonly ids: ArrayLike<number>;
  /** Of each in its text. */
  readonly positions: ArrayLike<number>;
  /** Number of each one's text, where a pass reads several; left out: all of one. */
  readonly texts?: ArrayLike<number>;
}

type Of<K extends InterventionKind> = Extract<Intervention, { kind: K }>;

/** A layer's interventions, and the rows they are about. */
class LayerPlan {
  private readonly here: readonly Intervention[];
  private readonly rows: TokenRows;
  private readonly layer: number;
  private readonly config: ModelConfig;

  constructor(interventions: readonly Intervention[], rows: TokenRows, layer: number, config: ModelConfig) {
    this.here = interventions.filter((one) => concernsLayer(one, layer));
    this.rows = rows;
    this.layer = layer;
    this.config = config;
  }

  get isPlain(): boolean {
    return this.here.length === 0;
  }

  private of<K extends InterventionKind>(kind: K): Of<K>[] {
    return this.here.filter((one): one is Of<K> => one.kind === kind);
  }

  private get count(): number {
    return this.rows.positions.length;
  }

  /** A matrix of one row if `some` say the same of every token, else of a row for each. `fill` is called for each row with those that concern it. */
  private matrix<I extends Intervention>(
    some: readonly I[],
    start: number,
    fill: (row: Float32Array, active: I[]) => void,
  ): Tensor {
    const E = this.config.nRoutedExperts;
    const height = some.every(({ tokens }) => tokens === null) ? 1 : this.count;
    const values = new Float32Array(height * E).fill(start);
    for (let n = 0; n < height; n++) {
      const active = some.filter((one) => one.tokens === null || concernsToken(one, this.rows.positions[n]!));
      if (active.length > 0) fill(values.subarray(n * E, (n + 1) * E), active);
    }
    return floatTensor(values, [height, E]);
  }

  /** 1 for the tokens that `one` concerns, [N, 1]; null: it concerns all. */
  private rowsOf(one: Intervention): Tensor | null {
    return one.tokens === null ? null : this.mask((n) => concernsToken(one, this.rows.positions[n]!));
  }

  private mask(isTold: (row: number) => boolean): Tensor {
    return floatTensor(
      Float32Array.from({ length: this.count }, (_, n) => Number(isTold(n))),
      [this.count, 1],
    );
  }

  /** @param bias [1, E] */
  choiceOffset(bias: Tensor): Tensor {
    const ofBias = this.here.filter((one): one is Of<'biasZero' | 'biasSet' | 'biasFrozen'> => one.kind.startsWith('bias'));
    const pushing = [...this.of('force'), ...this.of('mute').filter(({ mode }) => mode === 'reroute')];
    if (ofBias.length + pushing.length === 0) return bias;
    const kept = this.matrix(ofBias, 1, (row, active) => {
      for (const one of active) {
        if (one.kind === 'biasSet') for (const expert of one.experts) row[expert] = 0;
        else row.fill(0);
      }
    });
    const added = this.matrix([...ofBias, ...pushing], 0, (row, active) => {
      for (const one of active) {
        if (one.kind === 'biasZero') row.fill(0);
        else if (one.kind === 'biasSet') for (const expert of one.experts) row[expert] = one.value;
        else if (one.kind === 'biasFrozen') row.set(one.values);
      }
      for (const one of active) {
        if (one.kind !== 'mute' && one.kind !== 'force') continue;
        const push = one.kind === 'force' ? DECISIVE : -DECISIVE;
        // Named twice, an expert is pushed once: a second push would rank it before the others named.
        for (const expert of one.experts) if (Math.abs(row[expert]!) < DECISIVE / 2) row[expert]! += push;
      }
    });
    return add(scaled(bias, kept), added);
  }

  contribution(plain: Tensor): Tensor {
    const silencing = this.of('mute').filter(({ mode }) => mode === 'zero');
    if (silencing.length === 0) return plain;
    return this.matrix(silencing, 1, (row, active) => {
      for (const { experts } of active) for (const expert of experts) row[expert] = 0;
    });
  }

  /** Experts given from outside, K a token; −1 leaves the choice to the router. @returns [1, K] or [N, K] */
  given(K: number): Tensor {
    const drawing = this.of('draw');
    const height = drawing.length > 0 ? this.count : 1;
    const values = new Int32Array(height * K).fill(-1);
    for (let n = 0; n < (drawing.length > 0 ? height : 0); n++) {
      const last = drawing.findLast((one) => concernsToken(one, this.rows.positions[n]!));
      if (last) values.set(this.drawn(last, n).slice(0, K), n * K);
    }
    return intTensor(values, [height, K]);
  }

  /** A ranking of the experts a token may choose: those forced first. Groups play no part in it. */
  private drawn({ by, seed }: Of<'draw'>, n: number): number[] {
    const position = this.rows.positions[n]!;
    const active = this.here.filter((one) => concernsToken(one, position));
    const forced = new Set(active.flatMap((one) => (one.kind === 'force' ? one.experts : [])));
    const away = new Set(active.flatMap((one) => (one.kind === 'mute' && one.mode === 'reroute' ? one.experts : [])));
    const experts = Array.from({ length: this.config.nRoutedExperts }, (_, expert) => expert);
    const pool = experts.filter((expert) => !forced.has(expert) && !away.has(expert));
    // Positions draw from the counters 0 …, ids from those below 0.
    const text = this.rows.texts?.[n] ?? 0;
    const counter = (value: number) => this.layer * 0x10000 + value;
    const rng = rngFor(seed, 'routing', by === 'random' ? counter(position) + text * 0x400000 : -1 - counter(this.rows.ids[n]!));
    for (let left = pool.length; left > 1; left--) {
      const picked = rng.below(left);
      [pool[left - 1], pool[picked]] = [pool[picked]!, pool[left - 1]!];
    }
    return [...forced, ...pool.reverse()];
  }

  steering(): Steering | undefined {
    const masks = this.of('topMasked');
    const swaps = this.of('swap').map((one) => ({ expert: one.expert, instead: one.instead, rows: this.rowsOf(one) }));
    const counts = this.counts();
    const offs = this.of('sharedOff');
    if (masks.length + swaps.length + counts.length + offs.length === 0) return undefined;
    const isAny = (some: readonly Intervention[]) => (n: number) =>
      some.some((one) => concernsToken(one, this.rows.positions[n]!));
    const isEverywhere = masks.some(({ tokens }) => tokens === null);
    return {
      topMasked: masks.length === 0 ? undefined : isEverywhere ? null : this.mask(isAny(masks)),
      counts,
      swaps,
      shared: offs.length > 0 ? this.mask((n) => !isAny(offs)(n)) : null,
    };
  }

  private counts(): Steering['counts'] {
    const { numExpertsPerTok: trained } = this.config;
    if (this.of('expertsPerToken').length === 0) return [];
    const wanted = Array.from({ length: this.count }, (_, n) =>
      expertsPerTokenAt(this.here, trained, this.layer, this.rows.positions[n]!),
    );
    const others = [...new Set(wanted)].filter((count) => count !== trained);
    return others.map((count) => ({
      count,
      rows: wanted.every((one) => one === count) ? null : this.mask((n) => wanted[n] === count),
      given: this.given(count),
    }));
  }

  inputs(plain: RouterInputs): RouterInputs {
    return {
      choiceOffset: this.choiceOffset(plain.choiceOffset),
      contribution: this.contribution(plain.contribution),
      given: this.of('draw').length > 0 ? this.given(this.config.numExpertsPerTok) : plain.given,
      steering: this.steering(),
    };
  }
}

/**
 * Router inputs of every MoE layer under `interventions` (checked ones: config/interventionCheck) for the tokens of one pass. Layers and
 * tokens that none concerns are told exactly what they are told without. To be called inside a tidy, which frees what is made here.
 * @param biases choice offset of each MoE layer, [1, E]
 */
export function steeredRouterInputs(
  config: ModelConfig,
  biases: readonly Tensor[],
  interventions: readonly Intervention[],
  rows: TokenRows,
): RouterInputs[] {
  return plainRouterInputs(config, biases).map((plain, layer) => {
    const plan = new LayerPlan(interventions, rows, layer, config);
    return plan.isPlain ? plain : plan.inputs(plain);
  });
}
