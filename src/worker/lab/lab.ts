// The commands of the prompt lab: a prompt traced, continued, changed, and the model measured.
import { comparison, type PromptTrace } from '../../analysis/promptTrace';
import type { FieldError } from '../../config/fieldError';
import { err, ok, type Result } from '../../core/result';
import { rngFor } from '../../core/rng';
import { attentionMaps } from '../../inference/attentionMaps';
import { generate } from '../../inference/generate';
import { NEXT_TOKENS, tracePrompt } from '../../inference/promptTrace';
import type { LiveModel } from '../../model/liveModel';
import type { RoutingTrace } from '../../inference/routingTrace';
import { likelyTokens } from '../../inference/sampling';
import type { Handlers, RequestContext } from '../../protocol/channel';
import type { EngineError } from '../../protocol/errors';
import type { GeneratedToken, GenerationAnswer, GenerationRequest, PromptQuestion, TraceAnswer } from '../../protocol/lab';
import type { ModelRef } from '../../protocol/modelRef';
import type { Reach } from '../faults';
import type { Text } from '../textLoader';
import { askAbout, type ModelRoom } from './about';
import { checkGeneration, readPrompt, type ReadPrompt } from './checks';
import { readRoutes } from './routes';
import { answered, copiesOver, snapshotOf, type Subject } from './subject';
import { runSweep } from './sweep';

/** The session, as far as the lab needs it. */
export interface LabRoom extends ModelRoom {
  text(context: RequestContext): Promise<Result<Text, EngineError>>;
  readonly reach: Reach;
}

type Commands = 'trace' | 'attention' | 'routes' | 'generate' | 'sweep';
type Answer<T> = Promise<Result<T, EngineError>>;

const refused = (fields: readonly FieldError[]) => err<EngineError>({ code: 'invalid-question', fields });

export function createLab(room: LabRoom): Pick<Handlers, Commands> {
  const about = <T>(model: ModelRef, signal: AbortSignal, ask: (subject: Subject) => Answer<T>): Answer<T> =>
    askAbout(room, model, signal, ask);

  return {
    trace: ({ question, lens }, { signal }) => about(question.model, signal, (subject) => trace(question, lens, subject, signal)),
    attention: ({ question, layer }, { signal }) =>
      about(question.model, signal, (subject) => attention(question, layer, subject, signal)),
    routes: ({ request }, context) => about(request.model, context.signal, (subject) => readRoutes(request, subject, context)),
    generate: ({ request }, context) =>
      about(request.model, context.signal, (subject) => {
        const progress: RequestContext['progress'] = (made) => {
          context.progress(made);
          // Steps of another model than the run's say nothing of where the run stands.
          if (request.model.kind === 'live') room.reach('generating', subject.now().step);
        };
        return write(request, subject, { ...context, progress });
      }),
    sweep: ({ request }, context) =>
      about(request.model, context.signal, (subject) => runSweep(request, subject, () => room.text(context), context)),
  };
}

/** One question in its turn; one that is not wanted any more by then is not asked. */
async function inTurn<T>(
  { questions, isOver }: Pick<Subject, 'questions' | 'isOver'>,
  signal: AbortSignal,
  ask: () => Promise<T>,
): Answer<T> {
  const answer = await questions.ask(async () => (signal.aborted || isOver() ? null : { value: await ask() }));
  return answer ? ok(answer.value) : err({ code: signal.aborted ? 'cancelled' : 'no-run' });
}

async function trace(question: PromptQuestion, lens: boolean, subject: Subject, signal: AbortSignal): Answer<TraceAnswer> {
  const read = readPrompt(question, subject, subject.contextLength);
  if (!read.ok) return refused(read.error);
  const { ids, interventions } = read.value;
  const versions = interventions.length > 0 ? [[], interventions] : [[]];
  return inTurn(subject, signal, async () => {
    const { model, step } = subject.now();
    const { traces, divergences } = await tracePrompt(model, ids, versions, { lens });
    const [baseline, after] = traces;
    const changed = after ? { trace: after, ...comparison(baseline!, after, divergences[0]!) } : null;
    const pieces = Array.from(ids, (id) => subject.tokenizer.piece(id));
    const predicted = Object.fromEntries([...predictedIds(traces)].map((id) => [id, subject.tokenizer.piece(id)]));
    return { ...answered(question, step, subject), prompt: { ids, pieces }, predicted, baseline: baseline!, changed };
  });
}

function predictedIds(traces: readonly PromptTrace[]): Set<number> {
  return new Set(traces.flatMap(({ next, lens }) => [...next.ids, ...(lens?.ids ?? [])]));
}

async function attention(question: PromptQuestion, layer: number, subject: Subject, signal: AbortSignal) {
  const { numHiddenLayers, numAttentionHeads: heads } = subject.config.model;
  if (!Number.isInteger(layer) || layer < 0 || layer >= numHiddenLayers)
    return refused([{ field: 'layer', value: layer, rule: 'range', params: { min: 0, max: numHiddenLayers - 1 } }]);
  const read = readPrompt(question, subject, subject.contextLength);
  if (!read.ok) return refused(read.error);
  const { ids, interventions } = read.value;
  return inTurn(subject, signal, async () => {
    const maps = await attentionMaps(subject.now().model, ids, interventions, layer);
    return { heads, tokens: ids.length, maps };
  });
}

/** Writes on a copy of the model: the text is of one piece, and each token is a short turn of its own. */
async function write(request: GenerationRequest, subject: Subject, context: RequestContext): Answer<GenerationAnswer> {
  const faults = checkGeneration(request, subject);
  const read = readPrompt(request, subject, subject.contextLength);
  if (!read.ok || faults.length > 0) return refused([...(read.ok ? [] : read.error), ...faults]);
  const taken = await inTurn(subject, context.signal, () => snapshotOf(subject));
  if (!taken.ok) return taken;
  if (!taken.value) return err({ code: 'no-run' });
  const { model, step } = taken.value;
  try {
    const ids = await written(request, read.value, model, subject, context);
    if (!ids.ok) return ids;
    const text = subject.tokenizer.decode([...read.value.ids.subarray(1), ...ids.value]);
    return ok({ ...answered(request, step, subject), ids: ids.value, text });
  } finally {
    model.dispose();
  }
}

async function written(
  request: GenerationRequest,
  { ids: prompt, interventions }: ReadPrompt,
  model: LiveModel,
  subject: Subject,
  { signal, progress }: RequestContext,
): Answer<number[]> {
  const { tokenizer } = subject;
  const { tokens, temperature, seed, topK, topP, repetitionPenalty } = request;
  let drawnFrom = new Float32Array(0);
  let read: { first: number; trace: RoutingTrace } | null = null;
  const settings = {
    tokens,
    temperature,
    stopAt: tokenizer.endOfDocument,
    contextLength: subject.contextLength,
    restriction: { topK, topP, repetitionPenalty },
  };
  const text = generate(() => model, [...prompt], settings, rngFor(seed, 'sample'), {
    interventions,
    onLogits: (logits) => (drawnFrom = Float32Array.from(logits)),
    onTrace: (trace, first) => (read = { first, trace }),
  });
  const made: number[] = [];
  // The model may make room for another meanwhile.
  const copied = { questions: subject.questions, isOver: copiesOver(subject) };
  try {
    for (;;) {
      const next = await inTurn(copied, signal, () => text.next());
      if (!next.ok) return next;
      if (next.value.done) return ok(made);
      made.push(next.value.value);
      progress({ stage: 'generating', done: made.length, total: tokens, made: described(next.value.value) });
      await subject.breathe();
    }
  } finally {
    await text.return(undefined);
  }

  function described(id: number): GeneratedToken {
    const alternatives = likelyTokens(drawnFrom, NEXT_TOKENS);
    const { first, trace: routes } = read!;
    return {
      id,
      piece: tokenizer.piece(id),
      alternatives,
      alternativePieces: Array.from(alternatives.ids, (other) => tokenizer.piece(other)),
      read: { first, ...routes },
    };
  }
}
