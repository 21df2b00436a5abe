// Does for nobody what the first step of a real run would wait for: compiles its programs, or touches its memory by computing one shard.
import type { RunConfig } from '../config/trainConfig';
import { isDeferred } from '../kernels/settled';
import type { RequestContext } from '../protocol/channel';
import { rehearsedStep } from '../training/rehearsal';
import { Trainer } from '../training/trainer';

/** Takes as long as a first shard takes; its weights are thrown away. */
export async function rehearse(config: RunConfig): Promise<void> {
  const { batchSize, sequenceLength } = config.train;
  const emptyText = { batch: () => ({ ids: new Int32Array(batchSize * (sequenceLength + 1)), epoch: 0 }) };
  const trainer = new Trainer(config, emptyText);
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
  const ready = async (program: Promise<void>): Promise<void> => {
    await program;
    done++;
    tell();
  };
  const all = Promise.all(programs.map(ready));
  await Promise.race([all, new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))]);
}
