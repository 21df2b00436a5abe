// What the engine tells without being asked. A topic's newest message wins; one buffer of each is in flight at a time,
// so a slow or hidden page never makes the engine wait, and what piles up meanwhile comes in one message.
import type { StepTrace } from '../core/stepTrace';
import type { EngineError } from './errors';
import type { Keeping, LetGo } from './kept';
import type { RunSnapshots } from './snapshots';

/** Scalars of one finished step. */
export interface StepScalars {
  /** Steps finished, this one included: the first is 1. */
  readonly step: number;
  /** Mean cross entropy over the step's tokens, nats. */
  readonly loss: number;
  /** Global gradient norm before clipping. */
  readonly gradientNorm: number;
  readonly clipped: boolean;
  readonly learningRate: number;
  readonly tokensSeen: number;
  /** Passes over the training text so far, fractional. */
  readonly epoch: number;
  readonly stepMs: number;
  /** Workers that computed its shards. */
  readonly workers: number;
  /** Largest q·k·D^−½ of any head, layer and token in this step. */
  readonly maxAttentionLogit: number;
  /** Balance loss as added to the loss (0 where it is off). */
  readonly balanceLoss: number;
}

/** What the router did in one step; L MoE layers, E experts, row-major [L, E]. Training tokens only. */
export interface StepRouting {
  readonly step: number;
  readonly layers: number;
  readonly experts: number;
  /** Assignments of each expert, [L, E]. */
  readonly load: Float32Array;
  /** Bias that chose in this step, [L, E]. */
  readonly bias: Float32Array;
  /** γ of this step. */
  readonly biasUpdateSpeed: number;
  /** What this step's load adds to the bias for the next step, [L, E]. */
  readonly biasUpdate: Float32Array;
  /** Σ of gate weights an expert got, [L, E]. */
  readonly gateMass: Float32Array;
  /** |TopK(s + b) ∖ TopK(s)| / K, mean over tokens, [L]. */
  readonly biasChangedShare: Float32Array;
}

/** A window of the text the newest step trained on: one sequence, T tokens, with its routes. */
export interface BatchWindow {
  readonly step: number;
  readonly tokens: number;
  readonly layers: number;
  readonly expertsPerToken: number;
  /** Token ids [T]. */
  readonly ids: Int32Array;
  /** Each token as text; a piece that is no whole character shows its bytes as ⟨E4⟩. */
  readonly pieces: readonly string[];
  /** Chosen experts [L, T, K], the best biased score first. */
  readonly chosen: Uint16Array;
  /** Their gate weights [L, T, K]. */
  readonly weights: Float32Array;
  /** 1 where the bias changed the token's route, [L, T]. */
  readonly biasChanged: Uint8Array;
  /** Cross entropy of predicting the NEXT token, nats [T]. */
  readonly loss: Float32Array;
}

export interface DomainLoss {
  readonly domain: string;
  readonly language: 'zh' | 'en' | 'none';
  readonly tokens: number;
  /** Cross entropy per token, nats. */
  readonly nats: number;
  readonly bitsPerByte: number;
  readonly bitsPerCharacter: number;
}

export interface ValidationResult {
  readonly step: number;
  readonly overall: Omit<DomainLoss, 'domain' | 'language'>;
  readonly domains: readonly DomainLoss[];
  /** Load on the validation text, its sets weighed as the training mixture is: assignments a token, [L, E]. For MaxVio_global. */
  readonly load: Float32Array;
}

/** Reference lines for the loss, nats per token on the validation text; see data/ngrams. `unigram` is that text's own unigram entropy. */
export interface Baselines {
  readonly uniform: number;
  readonly unigram: number;
  readonly unigramCross: number;
  readonly bigram: number;
  /** The same on each domain's set alone; absent in runs kept before it was told. */
  readonly domains?: readonly (Pick<DomainLoss, 'domain' | 'language'> & { readonly unigram: number; readonly bigram: number })[];
}

export interface SampleResult {
  readonly step: number;
  readonly prompt: string;
  readonly text: string;
}

/** What the engine's own tensor library holds; helpers have theirs besides. */
export interface EngineMemory {
  readonly tensors: number;
  /** Bytes of all tensors. */
  readonly tensorBytes: number;
  /** Bytes taken for them: the WASM heap, or buffers of the GPU, waiting ones included; null for plain arrays. */
  readonly takenBytes: number | null;
}

export type RunPhase =
  | { readonly phase: 'none' }
  | { readonly phase: 'preparing' }
  | { readonly phase: 'paused'; readonly step: number }
  | {
      readonly phase: 'training';
      readonly step: number;
      /** Pauses by itself at this step; null: runs on. */
      readonly until: number | null;
    }
  | {
      readonly phase: 'failed';
      readonly step: number;
      readonly error: EngineError;
      /** Its model is that of `step`, and training can go on; false: only from what was kept. */
      readonly goesOn: boolean;
    };

/** Payload of each topic. */
export interface Topics {
  phase: RunPhase;
  /** All steps since the last message (the oldest dropped past 512). */
  steps: { readonly runId: string; readonly scalars: readonly StepScalars[]; readonly routing: readonly StepRouting[] };
  batch: { readonly runId: string; readonly window: BatchWindow };
  validation: { readonly runId: string; readonly results: readonly ValidationResult[] };
  /** Comes after the first step, which need not wait for it. */
  baselines: { readonly runId: string; readonly baselines: Baselines };
  samples: { readonly runId: string; readonly results: readonly SampleResult[] };
  /** Traced steps since the last message, and what is held after the newest. */
  stepTraces: { readonly runId: string; readonly traces: readonly StepTrace[]; readonly memory: EngineMemory };
  keeping: Keeping;
  /** Kept runs that gave way to a new one, since the last message. */
  letGo: readonly LetGo[];
  snapshots: RunSnapshots;
}
export type Topic = keyof Topics;
