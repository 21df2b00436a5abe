// A sweep as a run of short questions: each measurement waits for its turn between two shards, so training goes on.
import type { Curve } from '../../analysis/sweeps';
import { err, ok, type Result } from '../../core/result';
import type { Corpus } from '../../data/corpus';
import { validationSets } from '../../data/validation';
import { ablateExperts } from '../../evaluation/ablation';
import { busiestVersions, expertCountVersions, measureCurve, textLoad } from '../../evaluation/curves';
import { documentText, textsAlone, type DocumentText } from '../../evaluation/documents';
import type { LiveModel } from '../../model/liveModel';
import type { RequestContext } from '../../protocol/channel';
import type { EngineError } from '../../protocol/errors';
import type { Answered, HeldOutText, SweepAnswer, SweepRequest } from '../../protocol/lab';
import { checkSweep, readTexts } from './checks';
import { answered, copiesOver, snapshotOf, type Subject } from './subject';

/** Sequences of a pass: enough for the kernels to be busy, few enough for a short turn. */
export const SEQUENCES_AT_ONCE = 8;
/** Orders the held-out documents as the run's own validation does. */
const ORDER_SEED = 1;

type Steps<T> = AsyncGenerator<{ readonly done: number; readonly total: number }, T>;

/** The held-out text asked for; its sets share the tokens evenly. null: there is none. */
export function heldOut(
  { domains, language, tokens }: HeldOutText,
  corpus: Corpus,
  { config, contextLength, tokenizer }: Pick<Subject, 'config' | 'contextLength' | 'tokenizer'>,
): DocumentText | null {
  const data = domains.length > 0 ? { ...config.data, domains } : config.data;
  const wanted = (maxTokensPerDomain: number) =>
    validationSets(corpus, data, { sequenceLength: contextLength, seed: ORDER_SEED, tokenizer, maxTokensPerDomain }).filter(
      (set) => language === null || set.language === language,
    );
  const sets = wanted(Math.floor(tokens / Math.max(1, wanted(1).length)));
  return sets.length === 0 ? null : documentText(sets, contextLength, SEQUENCES_AT_ONCE, tokenizer.endOfDocument);
}

type Corpora = () => Promise<Result<{ readonly corpus: Corpus }, EngineError>>;

async function textOf(request: SweepRequest, subject: Subject, corpora: Corpora): Promise<Result<DocumentText, EngineError>> {
  const faults = checkSweep(request, subject);
  if (faults.length > 0) return err({ code: 'invalid-question', fields: faults });
  const { model, text } = request;
  if ('texts' in text) {
    const texts = readTexts({ model, texts: text.texts }, subject);
    if (!texts.ok) return err({ code: 'invalid-question', fields: texts.error });
    const alone = textsAlone(texts.value, SEQUENCES_AT_ONCE);
    return alone.tokens.length > 0 ? ok(alone) : err({ code: 'no-text' });
  }
  if (!subject.origin.readsCorpus)
    return err({ code: 'model-unavailable', detail: 'it reads other tokens than the held-out text has' });
  const read = await corpora();
  if (!read.ok) return read;
  const found = heldOut(text, read.value.corpus, subject);
  return found ? ok(found) : err({ code: 'no-text' });
}

/** @param corpora the text that runs learn from, asked for where held-out text is measured on */
export async function runSweep(
  request: SweepRequest,
  subject: Subject,
  corpora: Corpora,
  context: RequestContext,
): Promise<Result<SweepAnswer, EngineError>> {
  const read = await textOf(request, subject, corpora);
  if (!read.ok) return read;
  const text = read.value;
  const taken = await subject.questions.ask(() => snapshotOf(subject));
  if (!taken) return err({ code: 'no-run' });
  const { model, step } = taken;
  const isOver = copiesOver(subject);
  try {
    const steps = measurements(request, model, text);
    const result = await inTurns(steps, subject, isOver, context);
    if (!result.ok) return result;
    const tokens = text.tokens.reduce((sum, count) => sum + count, 0);
    return ok({ ...answered(request, step, subject), tokens, documents: text.tokens.length, ...result.value });
  } finally {
    model.dispose();
  }
}

type Measured = SweepAnswer extends infer A
  ? A extends unknown
    ? Omit<A, keyof Answered | 'tokens' | 'documents'>
    : never
  : never;

async function* measurements(request: SweepRequest, model: LiveModel, text: DocumentText): Steps<Measured> {
  switch (request.sweep) {
    case 'experts':
      return { sweep: request.sweep, ...(yield* ablateExperts(model, text, request.modes, request.seed)) };
    case 'expertsPerToken':
      return { sweep: request.sweep, ...(yield* measureCurve(model, text, expertCountVersions(model.config))) };
    case 'busiest':
      return { sweep: request.sweep, ...(yield* busiest(request.shares, model, text)) };
  }
}

async function* busiest(shares: readonly number[], model: LiveModel, text: DocumentText): Steps<Curve> {
  const ahead = text.batches.length;
  const total = ahead * (shares.length + 2);
  let done = 0;
  const reading = textLoad(model, text);
  let read = await reading.next();
  for (; !read.done; read = await reading.next()) yield { done: ++done, total };
  const curve = measureCurve(model, text, busiestVersions(read.value, shares, model.config));
  let point = await curve.next();
  for (; !point.done; point = await curve.next()) yield { done: ahead + point.value.done, total };
  return point.value;
}

/** Takes each measurement as a question of its own. @param isOver whether what is measured is gone */
async function inTurns<T>(
  steps: Steps<T>,
  subject: Subject,
  isOver: () => boolean,
  { signal, progress }: RequestContext,
): Promise<Result<T, EngineError>> {
  try {
    for (;;) {
      const next = await subject.questions.ask(async () => (signal.aborted || isOver() ? null : steps.next()), 'patient');
      if (!next) return err({ code: signal.aborted ? 'cancelled' : 'no-run' });
      if (next.done) return ok(next.value);
      progress({ stage: 'sweeping', ...next.value });
      await subject.breathe();
    }
  } finally {
    await steps.return(undefined as never);
  }
}
