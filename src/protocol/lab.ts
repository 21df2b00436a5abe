// What the page asks about a prompt and the model that reads it, and what comes back.
import type { Predictions, PromptTrace, TraceComparison } from '../analysis/promptTrace';
import type { TextRoutes } from '../analysis/routeComparison';
import type { AblationMode, AblationResult, Curve } from '../analysis/sweeps';
import type { Intervention } from '../config/intervention';
import type { ModelRef } from './modelRef';

/** A text to read, and the model that reads it. An end token stands before it, as in training. */
export interface PromptQuestion {
  readonly model: ModelRef;
  readonly text: string;
  /** Token ids that follow the text: what was generated so far, or a branch of it. */
  readonly continuation: readonly number[];
  /** Positions count from the end token on, which stands at 0. */
  readonly interventions: readonly Intervention[];
}

export interface PromptTokens {
  readonly ids: Int32Array; // [T]
  /** Each token as text; a piece that is no whole character shows its bytes as ⟨E4⟩. */
  readonly pieces: readonly string[];
}

/** Which weights an answer is about. */
export interface Answered {
  readonly model: ModelRef;
  /** Steps they were trained. */
  readonly step: number;
  /** Number in the model of the first layer that routes. */
  readonly firstLayer: number;
}

export interface TraceAnswer extends Answered {
  readonly prompt: PromptTokens;
  /** Legible text of every id that is predicted somewhere in the answer. */
  readonly predicted: Readonly<Record<number, string>>;
  readonly baseline: PromptTrace;
  /** null without interventions. */
  readonly changed: (TraceComparison & { readonly trace: PromptTrace }) | null;
}

/** Texts to read one by one, each with an end token before it, by one model without interventions. */
export interface RoutesRequest {
  readonly model: ModelRef;
  readonly texts: readonly string[];
}

export interface RoutesAnswer extends Answered {
  readonly routes: TextRoutes;
}

export interface GenerationRequest extends PromptQuestion {
  readonly tokens: number;
  readonly temperature: number;
  /** 0: all tokens can come. */
  readonly topK: number;
  /** 1: all tokens can come. */
  readonly topP: number;
  /** 1: none. */
  readonly repetitionPenalty: number;
  readonly seed: number;
}

/** One token more, as soon as it is there. */
export interface GeneratedToken {
  readonly id: number;
  readonly piece: string;
  /** What could have come in its place, the likeliest first, before temperature and restriction. */
  readonly alternatives: Predictions; // 1 place
  readonly alternativePieces: readonly string[];
  /** Routes of the tokens the model read for it: first the prompt's, then the token before. */
  readonly read: {
    /** Position of the first of them. */
    readonly first: number;
    readonly tokens: number; // T
    readonly layers: number; // L
    readonly expertsPerToken: number; // K
    readonly chosen: Int16Array; // [L, T, K], −1 in places a token does not fill
    readonly weights: Float32Array; // [L, T, K]
  };
}

export interface GenerationAnswer extends Answered {
  /** All generated ids; the end token, which stops, is not among them. */
  readonly ids: readonly number[];
  /** Prompt and what was generated. */
  readonly text: string;
}

/** Held-out text to measure on: that of the run, or a part of it. */
export interface HeldOutText {
  /** Empty: all domains of the run. */
  readonly domains: readonly string[];
  /** null: all languages. */
  readonly language: 'zh' | 'en' | 'none' | null;
  /** Predicted tokens at most, shared evenly among domains and languages; each has one sequence at least. */
  readonly tokens: number;
}

/** What a sweep measures on: held-out text, or texts of which each is a document and stands alone. */
export type SweepText = HeldOutText | { readonly texts: readonly string[] };

export type SweepRequest = { readonly model: ModelRef; readonly text: SweepText } & (
  | { readonly sweep: 'experts'; readonly modes: readonly AblationMode[]; readonly seed: number }
  | { readonly sweep: 'expertsPerToken' }
  /** Shares of the experts kept, the busiest on this very text. */
  | { readonly sweep: 'busiest'; readonly shares: readonly number[] }
);

export type SweepAnswer = Answered & {
  /** Predicted tokens measured on, and the documents they are of. */
  readonly tokens: number;
  readonly documents: number;
} & (({ readonly sweep: 'experts' } & AblationResult) | ({ readonly sweep: 'expertsPerToken' | 'busiest' } & Curve));
