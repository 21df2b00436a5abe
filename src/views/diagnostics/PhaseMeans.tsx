// What the phases take on average: one step is much like the next, but a busy machine shows.
import { memo, useMemo } from 'react';
import { Bars } from '../../components/Bars';
import type { Bar } from '../../components/BarsDrawing';
import { categoryColor } from '../../components/color';
import type { TableData } from '../../components/DataTable';
import { Panel } from '../../components/Panel';
import { useText } from '../../components/TextContext';
import { mean } from '../../core/stats';
import { PHASES, phaseTotals, type StepTrace } from '../../core/stepTrace';

export const PhaseMeans = memo(function PhaseMeans({ traces }: { readonly traces: readonly StepTrace[] }) {
  const { t, integer, fixed } = useText();
  const { phases, rest, all } = useMemo(() => {
    const own = traces.map((trace) => phaseTotals(trace, 0));
    const everybody = traces.map((trace) => phaseTotals(trace));
    const of = (totals: typeof own) => PHASES.map((phase) => mean(totals.map((total) => total[phase])));
    const phases = of(own);
    const whole = mean(traces.map(({ duration }) => duration));
    return { phases, all: of(everybody), rest: whole - phases.reduce((total, value) => total + value, 0) };
  }, [traces]);
  const bars = useMemo((): Bar[] => {
    const bar = (id: string, label: string, value: number, color: string, texture: Bar['texture']): Bar => ({
      id,
      label,
      value,
      text: fixed(value, value < 10 ? 2 : 1),
      color,
      texture,
    });
    const named = PHASES.flatMap((phase, index) =>
      phases[index]! > 0 ? [bar(phase, t(`diagnostics.phase.${phase}`), phases[index]!, categoryColor(index), 'solid')] : [],
    );
    return [...named, bar('rest', t('diagnostics.rest'), rest, 'var(--text-3)', 'striped')];
  }, [phases, rest, t, fixed]);
  const table = (): TableData => ({
    caption: t('diagnostics.means.title'),
    columns: [t('diagnostics.column.phase'), t('diagnostics.column.engine'), t('diagnostics.column.all')],
    rows: [
      ...PHASES.map((phase, index) => [t(`diagnostics.phase.${phase}`), phases[index]!, all[index]!]),
      [t('diagnostics.rest'), rest, rest],
    ],
  });
  return (
    <Panel
      title={t('diagnostics.means.title')}
      subtitle={t('diagnostics.means.subtitle', { count: integer(traces.length) })}
      exportName="phases"
      table={table}
    >
      <Bars
        bars={bars}
        names={108}
        legend={[
          { texture: 'solid', label: t('diagnostics.means.phase') },
          { texture: 'striped', label: t('diagnostics.means.rest') },
        ]}
        ariaLabel={t('diagnostics.means.title')}
      />
    </Panel>
  );
});
