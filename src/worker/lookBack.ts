// How a run came to be what it is: the routes of its kept moments on the same held-out text, and how far their numbers lie apart. Each
// moment is read, put on the device by itself, and let go of; training and questions have their turns between two passes.
import { joinedParts, movement, placeOf, type DriftPart } from '../analysis/drift';
import { biasName } from '../checkpoint/dots1';
import type { Snapshot } from '../checkpoint/snapshot';
import { err, ok, type Result } from '../core/result';
import { heldOutRoutes } from '../evaluation/heldOutRoutes';
import { parameterSpecs } from '../model/parameters';
import type { Handlers, RequestContext } from '../protocol/channel';
import type { EngineError } from '../protocol/errors';
import type { DriftAnswer, DriftRequest, MomentRoutes, MomentRoutesRequest } from '../protocol/lookBack';
import type { KeptModel } from '../protocol/modelRef';
import { onDevice } from './deviceModel';
import { failureOf } from './failure';
import { checkTokens } from './lab/checks';
import { heldOut } from './lab/sweep';
import type { Questions } from './questions';
import type { Text } from './textLoader';

/** The session, as far as looking back needs it. */
export interface LookBackRoom {
  readonly questions: Questions;
  /** A kept moment as plain numbers. */
  weights(model: KeptModel, signal: AbortSignal): Promise<Result<Snapshot, EngineError>>;
  text(context: RequestContext): Promise<Result<Text, EngineError>>;
  /** A backend runs. */
  isReady(): boolean;
  /** Why nothing can be read from the device; null where it can. */
  lost(): EngineError | null;
  /** Lets messages in. */
  breathe(): Promise<void>;
}

type Commands = 'momentRoutes' | 'drift';
type Answer<T> = Promise<Result<T, EngineError>>;

const cancelled: Result<never, EngineError> = err({ code: 'cancelled' });

export function createLookBack(room: LookBackRoom): Pick<Handlers, Commands> {
  return {
    momentRoutes: ({ request }, context) => told(room, context, () => routesOf(request, room, context)),
    drift: ({ request }, context) => told(room, context, () => driftOf(request, room, context)),
  };
}

/** What is thrown on the way is told as it is of any command. */
async function told<T>(room: LookBackRoom, { signal }: RequestContext, ask: () => Answer<T>): Answer<T> {
  const lost = room.lost();
  if (lost) return err(lost);
  try {
    return await ask();
  } catch (thrown) {
    return err(room.lost() ?? (signal.aborted ? { code: 'cancelled' } : failureOf(thrown)));
  }
}

async function routesOf(request: MomentRoutesRequest, room: LookBackRoom, context: RequestContext): Answer<MomentRoutes> {
  const { model, tokens } = request;
  const { signal } = context;
  const faults = checkTokens(tokens);
  if (faults.length > 0) return err({ code: 'invalid-question', fields: faults });
  if (!room.isReady()) return err({ code: 'backend-unavailable', detail: 'no backend was started' });
  const text = await room.text(context);
  if (!text.ok) return text;
  const snapshot = await room.weights(model, signal);
  if (!snapshot.ok) return snapshot;
  const { config, step } = snapshot.value;
  const { corpus, tokenizer } = text.value;
  const contextLength = config.train.sequenceLength;
  const read = heldOut({ domains: [], language: null, tokens }, corpus, { config, contextLength, tokenizer });
  if (!read) return err({ code: 'no-text' });
  const { questions } = room;
  const held = await questions.ask(async () => (signal.aborted ? null : onDevice(snapshot.value)));
  if (!held) return cancelled;
  const passes = heldOutRoutes(held.model, read.batches);
  try {
    for (;;) {
      const pass = await questions.ask(async () => (signal.aborted ? null : passes.next()));
      if (!pass) return cancelled;
      if (pass.done) return ok({ model, step, firstLayer: config.model.firstKDenseReplace, ...pass.value });
      context.progress({ stage: 'sweeping', ...pass.value });
      await room.breathe();
    }
  } finally {
    held.free();
  }
}

async function driftOf({ model, reference }: DriftRequest, room: LookBackRoom, { signal }: RequestContext): Answer<DriftAnswer> {
  const [now, then] = [await room.weights(model, signal), await room.weights(reference, signal)];
  if (!now.ok) return now;
  if (!then.ok) return then;
  const shapes = ({ config }: Snapshot): string => JSON.stringify([parameterSpecs(config.model), config.model.nRoutedExperts]);
  if (shapes(now.value) !== shapes(then.value))
    return err({ code: 'model-unavailable', detail: 'the two moments are of models of different shapes' });
  const parts: DriftPart[] = [];
  for (const [name, values, before] of pairs(now.value, then.value)) {
    if (signal.aborted) return cancelled;
    parts.push({ ...placeOf(name), ...movement(values, before) });
    await room.breathe();
  }
  return ok({ parts: joinedParts(parts) });
}

/** Every tensor of both by its published name, biases last. */
function pairs(now: Snapshot, then: Snapshot): [name: string, values: Float32Array, before: Float32Array][] {
  const { model } = now.config;
  return [
    ...parameterSpecs(model).map(({ name }, index): [string, Float32Array, Float32Array] => [
      name,
      now.parameters[index]!,
      then.parameters[index]!,
    ]),
    ...now.biases.map((bias, layer): [string, Float32Array, Float32Array] => [
      biasName(model.firstKDenseReplace + layer),
      bias,
      then.biases[layer]!,
    ]),
  ];
}
