// The model that questions are about, and a copy of it for those that take longer than a step.
import type { RunConfig } from '../../config/trainConfig';
import { createDefaultTokenizer, DEFAULT_TOKENIZER_JSON } from '../../data/default/defaultTokenizer';
import type { Tokenizer } from '../../data/tokenizer';
import { compiledFor } from '../../kernels/prepared';
import { allOrNothing, copyOf, currentBackend, dispose } from '../../kernels/tensor';
import type { LiveModel } from '../../model/liveModel';
import type { Answered } from '../../protocol/lab';
import type { ModelRef } from '../../protocol/modelRef';
import type { LiveRun } from '../liveRun';
import type { Platform } from '../platform';
import { runName } from '../runName';
import type { Questions } from '../questions';
import type { OpenedSnapshot } from '../shelf';

/** Where a model comes from. */
export interface Origin {
  /** Of its run; '' where it came from elsewhere. */
  readonly name: string;
  /** Text of its tokenizer.json. */
  readonly tokenizerJson: string;
  /** Its tokens are those of the corpus. */
  readonly readsCorpus: boolean;
}

export interface Subject {
  readonly config: RunConfig;
  /** Tokens of context the model was trained on. */
  readonly contextLength: number;
  readonly tokenizer: Tokenizer;
  readonly origin: Origin;
  readonly questions: Questions;
  /** Lets messages in. */
  breathe(): Promise<void>;
  /** The weights of the last finished step, until the next; `step` says which. */
  now(): { readonly model: LiveModel; readonly step: number };
  /** The model is gone. */
  isOver(): boolean;
  /** Its run has ended, and copies of it are of no more interest; those of another model outlive it. */
  endsCopies(): boolean;
}

export function subjectOf(run: LiveRun): Subject {
  const { trainer, tokenizer, questions, platform } = run.parts;
  return {
    config: run.info.config,
    contextLength: run.settings.sequenceLength,
    tokenizer,
    origin: { name: run.info.name, tokenizerJson: DEFAULT_TOKENIZER_JSON, readsCorpus: true },
    questions,
    breathe: () => platform.breathe(),
    now: () => ({ model: trainer.model, step: run.step }),
    isOver: () => run.hasEnded,
    endsCopies: () => run.hasEnded,
  };
}

/** A snapshot that comes with the page. */
export function subjectOfSnapshot(
  { runId, config, model, step, isThere }: OpenedSnapshot,
  questions: Questions,
  { breathe }: Pick<Platform, 'breathe'>,
): Subject {
  return {
    config,
    contextLength: config.train.sequenceLength,
    tokenizer: createDefaultTokenizer(),
    origin: { name: runName(runId), tokenizerJson: DEFAULT_TOKENIZER_JSON, readsCorpus: true },
    questions,
    breathe,
    now: () => ({ model, step }),
    isOver: () => !isThere(),
    endsCopies: () => false,
  };
}

/** @returns whether copies that were made of the model just now are of no more use */
export function copiesOver({ endsCopies }: Pick<Subject, 'endsCopies'>): () => boolean {
  const backend = currentBackend();
  return () => endsCopies() || currentBackend() !== backend;
}

/** Which weights an answer is about. */
export function answered({ model }: { readonly model: ModelRef }, step: number, { config }: Subject): Answered {
  return { model, step, firstLayer: config.model.firstKDenseReplace };
}

/** Copies of what a model reads, each in memory of its own. */
export const copiesOf = ({ parameters, choiceOffsets }: LiveModel) => ({
  parameters: parameters.map(copyOf),
  choiceOffsets: choiceOffsets.map(copyOf),
});

/**
 * A copy of the model as it stands, which training does not touch; the caller gives it back by `dispose`. To be asked for in a turn.
 * null: the model is gone
 */
export async function snapshotOf(subject: Subject): Promise<{ model: LiveModel & { dispose(): void }; step: number } | null> {
  if (subject.isOver()) return null;
  const kind = JSON.stringify(['copies', subject.config.model]);
  await compiledFor(kind, () => copiesOf(subject.now().model));
  if (subject.isOver()) return null;
  const { model, step } = subject.now();
  const copies = allOrNothing(() => copiesOf(model));
  const free = () => dispose([...copies.parameters, ...copies.choiceOffsets]);
  return { model: { config: model.config, ...copies, dispose: free }, step };
}
