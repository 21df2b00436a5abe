// The whole model once more, token by token in plain float64 loops, with interventions: shares no code with the engine, for tests only.
import { parameterFrom } from '../checkpoint/dots1';
import type { SafeTensors } from '../checkpoint/safetensors';
import type { Intervention } from '../config/intervention';
import type { ModelConfig } from '../config/modelConfig';
import { parameterSpecs } from '../model/parameters';
import { valueOf } from './fixtureModel';

type Vector = number[];

export interface ReferenceDecision {
  scores: Vector; // [E]
  chosen: number[];
  weights: Vector;
  margin: number;
  /** ‖w·SwiGLU(x)‖ for each of `chosen`. */
  norms: Vector;
  sharedNorm: number;
}

export interface ReferencePass {
  /** [T][V] */
  logits: Vector[];
  /** [MoE layer][T] */
  decisions: ReferenceDecision[][];
  /** [layers + 1][T][C] */
  hidden: Vector[][];
  /** [layer][H][T][T] */
  attention: Vector[][][];
}

/** Says which experts are drawn where an intervention draws them: the reference cannot know another's dice. */
export type Drawn = (layer: number, token: number) => number[];

const dot = (a: Vector, b: ArrayLike<number>, from: number) => a.reduce((sum, value, i) => sum + value * b[from + i]!, 0);
const times = (W: ArrayLike<number>, x: Vector, rows: number, from = 0): Vector =>
  Array.from({ length: rows }, (_, row) => dot(x, W, from + row * x.length));
const plus = (a: Vector, b: Vector) => a.map((value, i) => value + b[i]!);
export const length = (a: Vector) => Math.sqrt(a.reduce((sum, value) => sum + value * value, 0));
export const logSumExp = (a: Vector) => {
  const peak = Math.max(...a);
  return peak + Math.log(a.reduce((sum, value) => sum + Math.exp(value - peak), 0));
};
/** The `count` largest, largest first; ties: the lower index. */
const largest = (a: Vector, count: number) =>
  a
    .map((_, i) => i)
    .sort((i, j) => a[j]! - a[i]! || i - j)
    .slice(0, count);

export class ReferenceModel {
  private readonly config: ModelConfig;
  private readonly checkpoint: SafeTensors;
  private readonly weights: Map<string, Float32Array>;

  constructor(config: ModelConfig, checkpoint: SafeTensors) {
    this.config = config;
    this.checkpoint = checkpoint;
    this.weights = new Map(
      parameterSpecs(config).map(({ name, shape }) => [name, Float32Array.from(valueOf(parameterFrom(checkpoint, name, shape)))]),
    );
  }

  private at(name: string): Float32Array {
    return this.weights.get(`${name}.weight`)!;
  }

  private norm(x: Vector, weight: ArrayLike<number>): Vector {
    const r = 1 / Math.sqrt(x.reduce((sum, value) => sum + value * value, 0) / x.length + this.config.rmsNormEps);
    return x.map((value, i) => value * r * weight[i]!);
  }

  /** What the head makes of a residual stream. */
  read(x: Vector): Vector {
    return times(this.at('lm_head'), this.norm(x, this.at('model.norm')), this.config.vocabSize);
  }

  run(ids: readonly number[], interventions: readonly Intervention[] = [], drawn?: Drawn): ReferencePass {
    const { hiddenSize: C, numHiddenLayers, firstKDenseReplace } = this.config;
    let stream = ids.map((id) => [...this.at('model.embed_tokens').subarray(id * C, (id + 1) * C)]);
    const hidden = [stream];
    const decisions: ReferenceDecision[][] = [];
    const attention: Vector[][][] = [];
    for (let layer = 0; layer < numHiddenLayers; layer++) {
      const name = `model.layers.${layer}`;
      const seen = this.attend(
        stream.map((x) => this.norm(x, this.at(`${name}.input_layernorm`))),
        `${name}.self_attn`,
      );
      attention.push(seen.probabilities);
      const h = stream.map((x, t) => plus(x, seen.y[t]!));
      const normed = h.map((x) => this.norm(x, this.at(`${name}.post_attention_layernorm`)));
      const moeLayer = layer - firstKDenseReplace;
      if (moeLayer < 0) stream = h.map((x, t) => plus(x, this.mlp(normed[t]!, `${name}.mlp`, this.config.intermediateSize)));
      else {
        const some = normed.map((x, t) => this.moe(x, layer, moeLayer, t, interventions, drawn));
        decisions.push(some.map(({ decision }) => decision));
        stream = h.map((x, t) => plus(x, some[t]!.y));
      }
      hidden.push(stream);
    }
    return { logits: stream.map((x) => this.read(x)), decisions, hidden, attention };
  }

  private mlp(x: Vector, name: string, width: number, expert = 0): Vector {
    const size = width * x.length * expert;
    const gate = times(this.at(`${name}.gate_proj`), x, width, size);
    const up = times(this.at(`${name}.up_proj`), x, width, size);
    const h = gate.map((g, i) => (g / (1 + Math.exp(-g))) * up[i]!);
    return times(this.at(`${name}.down_proj`), h, x.length, size);
  }

  private attend(x: Vector[], name: string) {
    const { headDim: D, numAttentionHeads: H, numKeyValueHeads: G, ropeTheta } = this.config;
    const turned = (v: Vector, t: number) =>
      v.map((value, i) => {
        const angle = t * ropeTheta ** ((-2 * (i % (D / 2))) / D);
        const other = i < D / 2 ? -v[i + D / 2]! : v[i - D / 2]!;
        return value * Math.cos(angle) + other * Math.sin(angle);
      });
    const heads = (which: string, count: number) =>
      x.map((row) => {
        const all = times(this.at(`${name}.${which}_proj`), row, count * D);
        return Array.from({ length: count }, (_, head) => all.slice(head * D, (head + 1) * D));
      });
    const normed = (v: Vector, which: string) => (this.config.qkNorm ? this.norm(v, this.at(`${name}.${which}_norm`)) : v);
    const q = heads('q', H).map((row, t) => row.map((v) => turned(normed(v, 'q'), t)));
    const k = heads('k', G).map((row, t) => row.map((v) => turned(normed(v, 'k'), t)));
    const v = heads('v', G);
    const probabilities = Array.from({ length: H }, (_, head) =>
      x.map((_row, t) => {
        const group = Math.floor((head * G) / H);
        const logits = x.slice(0, t + 1).map((_other, s) => dot(q[t]![head]!, k[s]![group]!, 0) / Math.sqrt(D));
        const total = logSumExp(logits);
        return x.map((_other, s) => (s <= t ? Math.exp(logits[s]! - total) : 0));
      }),
    );
    const y = x.map((_row, t) => {
      const mixed = Array.from({ length: H }, (_, head) =>
        Array.from({ length: D }, (_value, d) =>
          x.reduce((sum, _other, s) => sum + probabilities[head]![t]![s]! * v[s]![Math.floor((head * G) / H)]![d]!, 0),
        ),
      ).flat();
      return times(this.at(`${name}.o_proj`), mixed, x[0]!.length);
    });
    return { y, probabilities };
  }

  private moe(x: Vector, layer: number, moeLayer: number, token: number, interventions: readonly Intervention[], drawn?: Drawn) {
    const { config } = this;
    const name = `model.layers.${layer}.mlp`;
    const here = interventions.filter(
      ({ layers, tokens }) =>
        (layers ?? [moeLayer]).includes(moeLayer) && (!tokens || (tokens.from <= token && token < tokens.to)),
    );
    const scores = times(this.at(`${name}.gate`), x, config.nRoutedExperts).map((logit) => 1 / (1 + Math.exp(-logit)));
    const { chosen, margin } = this.choose(scores, layer, here);
    const picks = here.some(({ kind }) => kind === 'draw') ? drawn!(moeLayer, token) : chosen;
    const sum = config.normTopkProb ? picks.reduce((total, expert) => total + scores[expert]!, 0) : 1;
    const isMuted = (expert: number) =>
      here.some((one) => one.kind === 'mute' && one.mode === 'zero' && one.experts.includes(expert));
    const weights = picks.map((expert) => (isMuted(expert) ? 0 : (scores[expert]! / sum) * config.routedScalingFactor));
    const working = picks.map((expert) =>
      here.reduce((now, one) => (one.kind === 'swap' && one.expert === now ? one.instead : now), expert),
    );
    const parts = working.map((expert, k) =>
      this.mlp(x, `${name}.experts`, config.moeIntermediateSize, expert).map((value) => value * weights[k]!),
    );
    const hasShared = config.nSharedExperts > 0 && !here.some(({ kind }) => kind === 'sharedOff');
    const shared = hasShared
      ? this.mlp(x, `${name}.shared_experts`, config.nSharedExperts * config.moeIntermediateSize)
      : x.map(() => 0);
    const decision = { scores, chosen: working, weights, margin, norms: parts.map(length), sharedNorm: length(shared) };
    return { y: parts.reduce(plus, shared), decision };
  }

  private choose(scores: Vector, layer: number, here: readonly Intervention[]) {
    const { nGroup, topkGroup, nRoutedExperts: E } = this.config;
    let bias = [...this.checkpoint.get(`model.layers.${layer}.mlp.gate.e_score_correction_bias`)!.values];
    let K = this.config.numExpertsPerTok;
    for (const one of here) {
      if (one.kind === 'biasZero') bias = bias.map(() => 0);
      if (one.kind === 'biasSet') bias = bias.map((b, expert) => (one.experts.includes(expert) ? one.value : b));
      if (one.kind === 'biasFrozen') bias = [...one.values];
      if (one.kind === 'expertsPerToken') K = one.count;
    }
    const c = scores.map((score, expert) => {
      const isForced = here.some((one) => one.kind === 'force' && one.experts.includes(expert));
      const isAway = here.some((one) => one.kind === 'mute' && one.mode === 'reroute' && one.experts.includes(expert));
      return score + bias[expert]! + (isForced ? 1000 : 0) - (isAway ? 1000 : 0);
    });
    const kept = (values: Vector, groups: number) => {
      const groupOf = (expert: number) => Math.floor((expert * nGroup) / E);
      const score = Array.from({ length: nGroup }, (_, group) =>
        values
          .filter((_value, expert) => groupOf(expert) === group)
          .sort((a, b) => b - a)
          .slice(0, 2)
          .reduce((a, b) => a + b),
      );
      const best = largest(score, groups);
      return values.map((value, expert) => (best.includes(groupOf(expert)) ? value : -1e30));
    };
    if (here.some(({ kind }) => kind === 'topMasked')) c[largest(kept(c, topkGroup), 1)[0]!]! -= 1000;
    const among = kept(c, topkGroup);
    const ranked = largest(among, K + 1);
    return { chosen: ranked.slice(0, K), margin: ranked.length > K ? among[ranked[K - 1]!]! - among[ranked[K]!]! : 0 };
  }
}
