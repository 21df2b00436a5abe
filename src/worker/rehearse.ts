// Does for nobody what the first step of a real run, or the first question, would wait for: compiles programs, or touches memory by computing.
import { moeLayerCount, type ModelConfig } from '../config/modelConfig';
import type { RunConfig } from '../config/trainConfig';
import { Decoder, paddedLength } from '../inference/decoder';
import { attentionPass } from '../inference/attentionMaps';
import { tracePass } from '../inference/promptTrace';
import { isDeferred } from '../kernels/settled';
import { tidy, zeros } from '../kernels/tensor';
import { rehearsed, type Wanted } from '../kernels/webgpu/pipelines';
import { copiesOf } from './lab/subject';
import type { LiveModel } from '../model/liveModel';
import { emptyParameters } from '../model/parameters';
import type { RequestContext } from '../protocol/channel';
import { lossPass } from '../training/loss';
import type { Pauses } from '../training/pauses';
import { rehearsedStep } from '../training/rehearsal';
import { withShards } from '../training/shardCount';
import { Trainer } from '../training/trainer';

/** Zeros throughout; the caller owns its tensors. */
const emptyModel = (config: ModelConfig): LiveModel => ({
  config,
  parameters: emptyParameters(config),
  choiceOffsets: Array.from({ length: moeLayerCount(config) }, () => zeros([1, config.nRoutedExperts])),
});

/**
 * Computes the first shard of a step, on weights of zero. Rejects with the signal's reason when it is no longer wanted.
 * @param breathe lets messages in, between two operations of the backward pass: one may end it
 */
export async function rehearse(
  config: RunConfig,
  { signal, breathe }: { readonly signal: AbortSignal; readonly breathe: () => Promise<void> },
): Promise<void> {
  const { batchSize, sequenceLength } = config.train;
  const emptyText = { batch: () => ({ ids: new Int32Array(batchSize * (sequenceLength + 1)), epoch: 0 }) };
  const pauses: Pauses = {
    pause: async () => {
      await breathe();
      signal.throwIfAborted();
      return false;
    },
    during: (event) => event,
  };
  const { parameters, choiceOffsets: biases } = emptyModel(config.model);
  const trainer = new Trainer(config, emptyText, { start: { parameters, biases }, pauses });
  try {
    const events = trainer.events();
    await events.next();
    await events.return(undefined as never);
  } finally {
    trainer.dispose();
  }
}

/**
 * Compiles whatever a step of `config` runs and is not compiled yet; nothing where the backend has nothing to compile.
 * Resolves early when it is no longer wanted: what was begun comes in time for the next who asks.
 */
export async function compile(
  config: RunConfig,
  { progress, signal }: Pick<RequestContext, 'progress' | 'signal'>,
): Promise<void> {
  if (!isDeferred() || signal.aborted) return;
  const programs = rehearsedStep(config);
  const total = programs.length;
  let done = 0;
  const tell = (): void => void (signal.aborted || progress({ stage: 'compiling', done, total }));
  if (total > 0) tell();
  const ready = async (program: Wanted): Promise<void> => {
    await program();
    done++;
    tell();
  };
  const all = Promise.all(programs.map(ready));
  await Promise.race([all, new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))]);
}

/** Does what the first step of a run would wait for, on the backend at hand. @param breathe as in `rehearse` */
export function warm(
  config: RunConfig,
  context: Pick<RequestContext, 'progress' | 'signal'>,
  breathe: () => Promise<void>,
): Promise<void> {
  return isDeferred() ? compile(config, context) : rehearse(config, { signal: context.signal, breathe });
}

/** What is asked of a model beside its training: held-out text, a text it writes, a prompt traced, where a head looks. */
function questionsTo(config: RunConfig): (() => void)[] {
  const { model: of, train } = withShards(config);
  const { batchSize, shards, sequenceLength } = train;
  const sequences = batchSize / shards;
  const withModel = (ask: (model: LiveModel) => void) => () => ask(emptyModel(of));
  const written = (tokens: number) =>
    withModel((model) => {
      const decoder = new Decoder(model, sequenceLength);
      decoder.pass(new Int32Array(tokens), 1, true);
      decoder.dispose();
    });
  return [
    withModel((model) => void lossPass(model, new Int32Array(sequences * (sequenceLength + 1)), sequences, sequenceLength)),
    written(Math.min(paddedLength(1), sequenceLength)),
    written(1),
    withModel((model) => void tracePass(model, new Int32Array(1), [[], []], true)),
    withModel((model) => void copiesOf(model)),
    withModel((model) => void attentionPass(model, new Int32Array(1), [], 0)),
  ];
}

/**
 * Compiles what questions to a model of `config` run, one program after the other: somebody may come who needs the compiler more.
 * Whatever is not ready when it is asked for is compiled then, before it computes (`prepared`).
 */
export async function compileQuestions(config: RunConfig, signal: AbortSignal): Promise<void> {
  if (!isDeferred()) return;
  for (const question of questionsTo(config)) {
    if (signal.aborted) return;
    for (const compileOne of rehearsed(() => tidy(question))) {
      if (signal.aborted) return;
      await compileOne();
    }
  }
}
