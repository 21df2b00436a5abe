// Computes one shard for nobody, so that the first step of a real run finds memory touched and kernels compiled.
import type { RunConfig } from '../config/trainConfig';
import { Trainer } from '../training/trainer';

/** One shard of a run of `config` on empty text; its weights are thrown away. Takes as long as a first shard takes. */
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
