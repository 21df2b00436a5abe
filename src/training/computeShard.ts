// A shard in the trainer's own thread: its phases are told, and others are let in at its pauses.
import type { Phase } from '../core/stepTrace';
import type { Pauses } from './pauses';
import { disposeShard, runShard, runShardPausing, type ShardArguments, type ShardResult } from './shard';
import type { StepTracer } from './stepTracer';

interface Listeners {
  readonly tracer: StepTracer | null;
  readonly pauses: Pauses | undefined;
  /** Hears when a phase has ended. What it throws, the shard throws. */
  readonly heard: (phase: Phase) => void;
}

/** @param shard its number in the step */
export async function computeShard(
  shard: number,
  given: ShardArguments,
  { tracer, pauses, heard }: Listeners,
): Promise<ShardResult> {
  const end = (phase: Phase): void => {
    tracer?.laps.end(phase, shard);
    heard(phase);
  };
  if (!pauses && !tracer?.waits) return runShard(given, { of: { end }, shard });
  const result = await runShardPausing(given, (ended) => {
    if (ended === 'forward') {
      if (tracer?.waits) return tracer.end('forward', shard).then(() => heard('forward'));
      end('forward');
    }
    const pause = pauses?.pause() ?? null;
    return pause && (tracer ? tracer.laps.pause('backward', shard, pause) : pause.then(() => undefined));
  });
  try {
    await tracer?.end('backward', shard);
    heard('backward');
    return result;
  } catch (thrown) {
    disposeShard(result);
    throw thrown;
  }
}
