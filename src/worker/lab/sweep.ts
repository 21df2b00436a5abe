// A sweep as a run of short questions: each measurement waits for its turn between two shards, so training goes on.
import type { Curve } from '../../analysis/sweeps';
import { moeLayerCount } from '../../config/modelConfig';
import { err, ok, type Result } from '../../core/result';
import type { Corpus } from '../../data/corpus';
import { validationSets } from '../../data/validation';
import { ablateExperts } from '../../evaluation/ablation';
import { busiestVersions, expertCountVersions, measureCurve } from '../../evaluation/curves';
import { documentText, type DocumentText } from '../../evaluation/documents';
import { evaluateLoss } from '../../evaluation/loss';
import type { LiveModel } from '../../model/liveModel';
import type { RequestContext } from '../../protocol/channel';
import type { EngineError } from '../../protocol/errors';
import type { Answered, SweepAnswer, SweepRequest, SweepText } from '../../protocol/lab';
import { checkSweep } from './checks';
import { answered, snapshotOf, type Subject } from './subject';

/** Sequences of a pass: enough for the kernels to be busy, few enough for a short turn. */
const SEQUENCES_AT_ONCE = 8;
/** Orders the held-out documents as the run's own validation does. */
const ORDER_SEED = 1;

type Sets = ReturnType<typeof validationSets>;
type Steps<T> = AsyncGenerator<{ readonly done: number; readonly total: number }, T>;

/** The held-out text asked for; its sets share the tokens evenly. */
function setsOf({ domains, language, tokens }: SweepText, corpus: Corpus, { config, contextLength, tokenizer }: Subject): Sets {
  const data = domains.length > 0 ? { ...config.data, domains } : config.data;
  const shape = { sequenceLength: contextLength, seed: ORDER_SEED, tokenizer };
  const isWanted = (set: Sets[number]) => language === null || set.language === language;
  const count = validationSets(corpus, data, { ...shape, maxTokensPerDomain: 1 }).filter(isWanted).length;
  return validationSets(corpus, data, { ...shape, maxTokensPerDomain: Math.floor(tokens / Math.max(1, count)) }).filter(isWanted);
}

export async function runSweep(
  request: SweepRequest,
  subject: Subject,
  corpus: Corpus,
  context: RequestContext,
): Promise<Result<SweepAnswer, EngineError>> {
  const faults = checkSweep(request, subject);
  if (faults.length > 0) return err({ code: 'invalid-question', fields: faults });
  if (!subject.origin.readsCorpus)
    return err({ code: 'model-unavailable', detail: 'it reads other tokens than the held-out text has' });
  const sets = setsOf(request.text, corpus, subject);
  if (sets.length === 0) return err({ code: 'no-text' });
  const text = documentText(sets, subject.contextLength, SEQUENCES_AT_ONCE, subject.tokenizer.endOfDocument);
  const taken = await subject.questions.ask(async () => {
    if (subject.isOver()) return null;
    const { model, step } = subject.now();
    return { model: snapshotOf(model), step };
  });
  if (!taken) return err({ code: 'no-run' });
  const { model, step } = taken;
  try {
    const steps = measurements(request, model, text, sets, subject.contextLength);
    const result = await inTurns(steps, subject, context);
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

async function* measurements(
  request: SweepRequest,
  model: LiveModel,
  text: DocumentText,
  sets: Sets,
  length: number,
): Steps<Measured> {
  switch (request.sweep) {
    case 'experts':
      return { sweep: request.sweep, ...(yield* ablateExperts(model, text, request.modes, request.seed)) };
    case 'expertsPerToken':
      return { sweep: request.sweep, ...(yield* measureCurve(model, text, expertCountVersions(model.config))) };
    case 'busiest':
      return { sweep: request.sweep, ...(yield* busiest(request.shares, model, text, sets, length)) };
  }
}

async function* busiest(
  shares: readonly number[],
  model: LiveModel,
  text: DocumentText,
  sets: Sets,
  length: number,
): Steps<Curve> {
  const load = new Float64Array(moeLayerCount(model.config) * model.config.nRoutedExperts);
  const ahead = sets.reduce((passes, { sequences }) => passes + Math.ceil(sequences / SEQUENCES_AT_ONCE), 0);
  const total = ahead + text.batches.length * (shares.length + 1);
  let done = 0;
  for (const { ids } of sets) {
    const passes = evaluateLoss(() => model, ids, length, SEQUENCES_AT_ONCE);
    let pass = await passes.next();
    for (; !pass.done; pass = await passes.next()) yield { done: ++done, total };
    pass.value.load.forEach((assignments, index) => (load[index]! += assignments));
  }
  const curve = measureCurve(model, text, busiestVersions(load, shares, model.config));
  let point = await curve.next();
  for (; !point.done; point = await curve.next()) yield { done: ahead + point.value.done, total };
  return point.value;
}

/** Takes each measurement as a question of its own. */
async function inTurns<T>(
  steps: Steps<T>,
  subject: Subject,
  { signal, progress }: RequestContext,
): Promise<Result<T, EngineError>> {
  try {
    for (;;) {
      const next = await subject.questions.ask(async () => (signal.aborted || subject.isOver() ? null : steps.next()));
      if (!next) return err({ code: signal.aborted ? 'cancelled' : 'no-run' });
      if (next.done) return ok(next.value);
      progress({ stage: 'sweeping', ...next.value });
      await subject.breathe();
    }
  } finally {
    await steps.return(undefined as never);
  }
}
