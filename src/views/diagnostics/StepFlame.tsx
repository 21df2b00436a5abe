// One traced step as a picture: what each worker did, and when.
import { memo, useMemo } from 'react';
import { categoryColor } from '../../components/color';
import type { TableData } from '../../components/DataTable';
import { Flame } from '../../components/Flame';
import { Panel } from '../../components/Panel';
import { useText } from '../../components/TextContext';
import { PHASES, type StepTrace } from '../../core/stepTrace';
import { flameRows, shardRow, type FlameBlock } from './flameRows';
import { useMilliseconds } from './useMilliseconds';

/** Colour of what is no phase: the step and its shards. */
const NEUTRAL = 'var(--text-3)';

export const StepFlame = memo(function StepFlame({ trace }: { readonly trace: StepTrace }) {
  const { t, integer, percent, fixed } = useText();
  const ms = useMilliseconds();
  const { blocks, workers } = useMemo(() => flameRows(trace), [trace]);
  const workerName = (worker: number): string =>
    worker === 0 ? t('diagnostics.worker.engine') : t('diagnostics.worker.helper', { number: integer(worker) });
  const nameOf = (block: FlameBlock): string => {
    switch (block.kind) {
      case 'step':
        return t('diagnostics.step', { step: integer(trace.step) });
      case 'shard':
        return t('diagnostics.shard', { shard: integer(block.shard + 1) });
      case 'phase':
        return t(`diagnostics.phase.${block.span.phase}`);
    }
  };
  const colorOf = (block: FlameBlock): string =>
    block.kind === 'phase' ? categoryColor(PHASES.indexOf(block.span.phase)) : NEUTRAL;
  const describe = (index: number): string => {
    const block = blocks[index]!;
    const whose = block.kind === 'step' ? '' : workerName(block.kind === 'shard' ? block.worker : block.span.worker);
    const shard =
      block.kind === 'phase' && block.span.shard !== null ? t('diagnostics.shard', { shard: integer(block.span.shard + 1) }) : '';
    const words = [
      nameOf(block),
      shard,
      whose,
      t('diagnostics.reading', {
        duration: ms(block.end - block.start),
        start: ms(block.start),
        share: percent((block.end - block.start) / trace.duration),
      }),
      block.kind === 'phase' ? t(`diagnostics.phase.${block.span.phase}.what`) : '',
    ];
    return words.filter(Boolean).join(' · ');
  };
  const table = (): TableData => ({
    caption: t('diagnostics.flame.title'),
    columns: (['phase', 'worker', 'shard', 'start', 'duration', 'share'] as const).map((column) =>
      t(`diagnostics.column.${column}`),
    ),
    rows: trace.spans.map(({ phase, worker, shard, start, duration }) => [
      t(`diagnostics.phase.${phase}`),
      workerName(worker),
      shard === null ? t('diagnostics.batch') : shard + 1,
      start,
      duration,
      duration / trace.duration,
    ]),
  });
  const rows = Array.from({ length: shardRow(workers) }, () => '');
  rows[0] = t('diagnostics.row.step');
  for (let worker = 0; worker < workers; worker++) rows[shardRow(worker)] = workerName(worker);
  return (
    <Panel
      title={t('diagnostics.flame.title')}
      subtitle={`${t('diagnostics.flame.subtitle', {
        step: integer(trace.step),
        duration: ms(trace.duration),
        workers: integer(workers),
      })} · ${t(trace.exact ? 'diagnostics.exact.yes' : 'diagnostics.exact.no')}`}
      exportName={`step-${trace.step}`}
      table={table}
    >
      <Flame
        spans={blocks.map((block) => ({ ...block, label: nameOf(block), color: colorOf(block) }))}
        rows={rows}
        total={trace.duration}
        describe={describe}
        formatTime={(time, digits) => `${fixed(time, digits)} ms`}
        legend={PHASES.filter((phase) => trace.spans.some((span) => span.phase === phase)).map((phase) => ({
          label: t(`diagnostics.phase.${phase}`),
          color: categoryColor(PHASES.indexOf(phase)),
        }))}
        ariaLabel={t('diagnostics.flame.title')}
      />
    </Panel>
  );
});
