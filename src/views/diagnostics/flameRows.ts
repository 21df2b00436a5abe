// A traced step as rows of blocks: the step, and below it for each worker its shards and what they and the batch are made of.
import type { FlameSpan } from '../../components/flameWindow';
import type { PhaseSpan, StepTrace } from '../../core/stepTrace';

export type FlameBlock = FlameSpan &
  (
    | { readonly kind: 'step' }
    | { readonly kind: 'shard'; readonly worker: number; readonly shard: number }
    | { readonly kind: 'phase'; readonly span: PhaseSpan }
  );

export interface FlameRows {
  readonly blocks: readonly FlameBlock[];
  readonly workers: number;
}

/** Row of a worker's shards; its phases are in the next one. */
export const shardRow = (worker: number): number => 1 + 2 * worker;

/** In ms after the step began. */
export function flameRows({ duration, spans }: StepTrace): FlameRows {
  const workers = spans.reduce((most, { worker }) => Math.max(most, worker), 0) + 1;
  const blocks: FlameBlock[] = [{ kind: 'step', row: 0, start: 0, end: duration }];
  for (const span of spans) {
    const { phase, worker, shard, start } = span;
    const end = start + span.duration;
    blocks.push({ kind: 'phase', span, row: shardRow(worker) + 1, start, end });
    if (shard === null || (phase !== 'forward' && phase !== 'backward')) continue;
    const before = blocks.findIndex((block) => block.kind === 'shard' && block.worker === worker && block.shard === shard);
    const shardBlock: FlameBlock = { kind: 'shard', worker, shard, row: shardRow(worker), start, end };
    if (before < 0) blocks.push(shardBlock);
    else blocks[before] = { ...shardBlock, start: blocks[before]!.start };
  }
  return { blocks, workers };
}
