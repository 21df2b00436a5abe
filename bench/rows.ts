// The rows of the table: who is set against whom, and what the ratio should reach. A new row is an entry here.
import { linearStepFlops, stepFlops } from './arithmetic';
import type { ContestantSpec, StepTime } from './contestants/contestant';
import { comparedMixture, dense, mixture, small } from './workloads';

/** Which part of a step is compared. */
export type Part = Exclude<keyof StepTime, 'parts'>;

export interface Row {
  readonly id: string;
  readonly title: string;
  readonly left: ContestantSpec;
  readonly right: ContestantSpec;
  readonly leftName: string;
  readonly rightName: string;
  readonly part: Part;
  /** The ratio of the row, from one round's times in ms. */
  ratio(left: number, right: number): number;
  /** What the ratio should reach, at least or at most. */
  readonly reach: { readonly atLeast: number } | { readonly atMost: number };
  /** Times the usual steps of a round: a short step needs many for a steady figure, a long one does with few. */
  readonly stepsFactor?: number;
  /** Same model, weights and batches: the first losses have to agree. */
  readonly sameLosses: boolean;
  /** One worker's losses on the same shards, which have to be the very same. */
  readonly alone?: ContestantSpec;
  readonly needs: 'node' | 'browser' | 'either';
}

const timesFaster = (left: number, right: number): number => right / left;

/** What ours gives up per step is GFLOP/s: the step's rate over that of its products alone. */
const rateShare = (left: number, right: number): number => stepFlops(dense()) / left / (linearStepFlops(dense()) / right);

const TOKENS = 4096;
/** The definition asks all 128 experts about every token and keeps what they say until the pass ends: few tokens, for its heap and for time. */
const DEFINITION_TOKENS = 128;
const WIDE_TOKENS = 512;

export const ROWS: readonly Row[] = [
  {
    id: 'dense',
    title: 'dense LM, 0.98 M parameters, 1,024 tokens a step, WASM, one worker',
    left: { kind: 'ours', backend: 'wasm', run: dense() },
    right: { kind: 'jax', backend: 'wasm', run: dense() },
    leftName: 'ours',
    rightName: 'jax-js Wasm',
    part: 'step',
    ratio: timesFaster,
    reach: { atLeast: 1.6 },
    sameLosses: true,
    needs: 'either',
  },
  {
    id: 'dense-2',
    title: 'the same, two workers',
    left: { kind: 'ours', backend: 'wasm', run: dense({ shards: 2 }), workers: 2 },
    right: { kind: 'jax', backend: 'wasm', run: dense() },
    leftName: 'ours, 2 workers',
    rightName: 'jax-js Wasm',
    part: 'step',
    ratio: timesFaster,
    reach: { atLeast: 2.5 },
    sameLosses: true,
    alone: { kind: 'ours', backend: 'wasm', run: dense({ shards: 2 }) },
    needs: 'either',
  },
  {
    id: 'small',
    title: 'small dense LM, 118k parameters, 256 tokens a step, WASM, one worker',
    left: { kind: 'ours', backend: 'wasm', run: small() },
    right: { kind: 'jax', backend: 'wasm', run: small() },
    leftName: 'ours',
    rightName: 'jax-js Wasm',
    part: 'step',
    ratio: timesFaster,
    reach: { atLeast: 5 },
    stepsFactor: 10,
    sameLosses: true,
    needs: 'either',
  },
  {
    id: 'small-2',
    title: 'the small dense LM, two workers',
    left: { kind: 'ours', backend: 'wasm', run: small({ shards: 2 }), workers: 2 },
    right: { kind: 'jax', backend: 'wasm', run: small() },
    leftName: 'ours, 2 workers',
    rightName: 'jax-js Wasm',
    part: 'step',
    ratio: timesFaster,
    reach: { atLeast: 5 },
    stepsFactor: 10,
    sameLosses: true,
    alone: { kind: 'ours', backend: 'wasm', run: small({ shards: 2 }) },
    needs: 'either',
  },
  {
    id: 'rate',
    title: 'GFLOP/s of the whole step of the dense LM / of its matrix products alone',
    left: { kind: 'ours', backend: 'wasm', run: dense() },
    right: { kind: 'matmul', backend: 'wasm', run: dense() },
    leftName: 'whole step',
    rightName: 'products alone',
    part: 'step',
    ratio: rateShare,
    reach: { atLeast: 0.5 },
    sameLosses: false,
    needs: 'either',
  },
  {
    id: 'experts',
    title: `MoE, ${TOKENS.toLocaleString('en')} tokens a step, forward and backward: 128 routed experts / 8, both top-6`,
    left: { kind: 'ours', backend: 'wasm', run: mixture(128, TOKENS) },
    right: { kind: 'ours', backend: 'wasm', run: mixture(8, TOKENS) },
    leftName: '128 experts',
    rightName: '8 experts',
    part: 'passes',
    ratio: (left, right) => left / right,
    reach: { atMost: 1.3 },
    stepsFactor: 0.4,
    sameLosses: false,
    needs: 'either',
  },
  {
    id: 'definition',
    title: `MoE, 128 experts, ${DEFINITION_TOKENS} tokens a step, forward and backward: ours / the dense, masked definition`,
    left: { kind: 'ours', backend: 'wasm', run: mixture(128, DEFINITION_TOKENS) },
    right: { kind: 'ours', backend: 'wasm', run: mixture(128, DEFINITION_TOKENS), variant: 'definition' },
    leftName: 'ours',
    rightName: 'definition',
    part: 'passes',
    ratio: timesFaster,
    reach: { atLeast: 10 },
    stepsFactor: 0.2,
    sameLosses: true,
    needs: 'either',
  },
  {
    id: 'wide',
    title: `MoE, 128 experts, ${WIDE_TOKENS} tokens a step, forward and backward: ours / all experts as one wide, masked SwiGLU on our own product`,
    left: { kind: 'ours', backend: 'wasm', run: mixture(128, WIDE_TOKENS) },
    right: { kind: 'ours', backend: 'wasm', run: mixture(128, WIDE_TOKENS), variant: 'wide' },
    leftName: 'ours',
    rightName: 'wide',
    part: 'passes',
    ratio: timesFaster,
    reach: { atLeast: 10 },
    stepsFactor: 0.4,
    sameLosses: true,
    needs: 'either',
  },
  {
    id: 'moe',
    title: 'MoE, 16 routed experts, two a token, two shared; 1,024 tokens a step, WASM, one worker; the peer asks all experts',
    left: { kind: 'ours', backend: 'wasm', run: comparedMixture() },
    right: { kind: 'jax', backend: 'wasm', run: comparedMixture() },
    leftName: 'ours',
    rightName: 'jax-js Wasm, dense over the experts',
    part: 'step',
    ratio: timesFaster,
    reach: { atLeast: 2 },
    sameLosses: true,
    needs: 'either',
  },
  {
    id: 'tfjs-wasm',
    title: 'dense LM, WASM, one worker: ours / written by hand on tfjs',
    left: { kind: 'ours', backend: 'wasm', run: dense() },
    right: { kind: 'tfjs', backend: 'wasm', run: dense() },
    leftName: 'ours',
    rightName: 'tfjs wasm',
    part: 'step',
    ratio: timesFaster,
    reach: { atLeast: 2 },
    sameLosses: true,
    needs: 'either',
  },
  {
    id: 'tfjs-webgl',
    title: 'dense LM: ours on WASM, one worker / written by hand on tfjs, WebGL without a GPU',
    left: { kind: 'ours', backend: 'wasm', run: dense() },
    right: { kind: 'tfjs', backend: 'webgl', run: dense() },
    leftName: 'ours, WASM',
    rightName: 'tfjs webgl',
    part: 'step',
    ratio: timesFaster,
    reach: { atLeast: 2 },
    stepsFactor: 0.4,
    sameLosses: true,
    needs: 'browser',
  },
  {
    id: 'tfjs-webgpu',
    title: 'dense LM, WebGPU on the software adapter: ours / written by hand on tfjs',
    left: { kind: 'ours', backend: 'webgpu-software', run: dense() },
    right: { kind: 'tfjs', backend: 'webgpu-software', run: dense() },
    leftName: 'ours',
    rightName: 'tfjs webgpu',
    part: 'step',
    ratio: timesFaster,
    reach: { atLeast: 2 },
    stepsFactor: 0.2,
    sameLosses: true,
    needs: 'browser',
  },
  {
    id: 'gpt-tfjs',
    title:
      'small LM, WebGPU on the software adapter: ours / gpt-tfjs, which trains another model (GPT-2 of the same layers, width, heads, context and vocabulary), so no losses are compared',
    left: { kind: 'ours', backend: 'webgpu-software', run: small() },
    right: { kind: 'gpt', backend: 'webgpu-software', run: small() },
    leftName: 'ours',
    rightName: 'gpt-tfjs',
    part: 'step',
    ratio: timesFaster,
    reach: { atLeast: 2 },
    sameLosses: false,
    needs: 'browser',
  },
  {
    id: 'webgpu',
    title: 'dense LM, WebGPU on the software adapter',
    left: { kind: 'ours', backend: 'webgpu-software', run: dense() },
    right: { kind: 'jax', backend: 'webgpu-software', run: dense() },
    leftName: 'ours',
    rightName: 'jax-js WebGPU',
    part: 'step',
    ratio: timesFaster,
    reach: { atLeast: 1.2 },
    stepsFactor: 0.2,
    sameLosses: true,
    needs: 'browser',
  },
  {
    id: 'webgpu-composed',
    title: 'dense LM, WebGPU on the software adapter: ours / composed tfjs operations',
    left: { kind: 'ours', backend: 'webgpu-software', run: dense() },
    right: { kind: 'ours', backend: 'webgpu-software', run: dense(), variant: 'composed' },
    leftName: 'ours',
    rightName: 'composed',
    part: 'step',
    ratio: timesFaster,
    reach: { atLeast: 10 },
    stepsFactor: 0.2,
    sameLosses: true,
    needs: 'browser',
  },
];

/** Whether `ratio` is good enough; `slack` 2 asks for half of it. */
export function reaches(row: Row, ratio: number, slack = 1): boolean {
  return 'atLeast' in row.reach ? ratio >= row.reach.atLeast / slack : ratio <= row.reach.atMost * slack;
}
