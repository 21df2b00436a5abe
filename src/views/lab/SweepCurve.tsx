// The loss along one change of the model, with its interval over documents.
import type { ChartSeries } from '../../components/chartData';
import { LiveChart } from '../../components/LiveChart';
import { useText } from '../../components/TextContext';
import type { SweepAnswer } from '../../protocol/lab';

type CurveAnswer = Exclude<SweepAnswer, { readonly sweep: 'experts' }>;

export function SweepCurve({ answer }: { readonly answer: CurveAnswer }) {
  const { t, percent, integer, signed, fixed } = useText();
  const { points, sweep, loss } = answer;
  const series: readonly ChartSeries[] = [
    {
      key: 'mean',
      label: t('lab.sweep.change'),
      color: '--accent',
      width: 2,
      points: true,
      values: points.map(({ change }) => change.mean),
    },
    { key: 'low', label: t('lab.sweep.low'), color: '--text-2', dash: [4, 3], values: points.map(({ change }) => change.low) },
    { key: 'high', label: t('lab.sweep.high'), color: '--text-2', dash: [4, 3], values: points.map(({ change }) => change.high) },
  ];
  return (
    <LiveChart
      x={points.map(({ value }) => value)}
      xLabel={t(sweep === 'busiest' ? 'lab.sweep.kept' : 'lab.changes.count')}
      series={series}
      version={answer.step}
      references={[{ value: 0, label: t('lab.sweep.loss', { loss: fixed(loss, 4) }), fit: true }]}
      height={240}
      grows={false}
      formatX={(value) => (sweep === 'busiest' ? percent(value, 0) : Number.isInteger(value) ? integer(value) : '')}
      formatY={(value) => signed(value, 3)}
      ariaLabel={t(`lab.sweep.${sweep}`)}
    />
  );
}
