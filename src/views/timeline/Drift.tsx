// How far all weights, the router's own and the balance bias have moved, from the first moment or from the one before.
import { useState } from 'react';
import { allWeights, ofGroup, relativeDrift, rootMeanSquareDrift, type DriftPart } from '../../analysis/drift';
import type { ChartSeries } from '../../components/chartData';
import type { TableData } from '../../components/DataTable';
import { LiveChart } from '../../components/LiveChart';
import { Panel } from '../../components/Panel';
import { Segmented } from '../../components/Segmented';
import { useText } from '../../components/TextContext';
import type { Line, LineMoment } from '../../stores/line';
import { driftKey, useLookBack } from '../../stores/lookBack';
import styles from './LookBack.module.css';
import { useTokenAxis } from './useTokenAxis';

type From = 'first' | 'previous';

const KINDS = [
  { key: 'all', label: 'lookBack.drift.all', color: '--accent', of: allWeights },
  {
    key: 'router',
    label: 'lookBack.drift.router',
    color: '--cat-1',
    of: (parts: readonly DriftPart[]) => ofGroup(parts, 'router'),
  },
  { key: 'bias', label: 'lookBack.drift.bias', color: '--cat-7', of: (parts: readonly DriftPart[]) => ofGroup(parts, 'bias') },
] as const;

export function Drift({ line, moments }: { readonly line: Line; readonly moments: readonly LineMoment[] }) {
  const { t, integer, significant } = useText();
  const [from, setFrom] = useState<From>('first');
  const drifts = useLookBack((state) => state.drifts);
  const isMeasuring = useLookBack(({ work }) => work.phase === 'running');
  const { place, axis, chart } = useTokenAxis(line, moments);
  const [first, ...later] = moments;
  const known = later.flatMap(({ ref, step }, index) => {
    const reference = from === 'first' ? first! : moments[index]!;
    const parts = drifts[driftKey(ref, reference.ref)];
    return parts ? [{ step, parts }] : [];
  });
  const hasRouter = known.some(({ parts }) => ofGroup(parts, 'router').length > 0);
  const kinds = KINDS.filter(({ key }) => hasRouter || key === 'all');
  const series = kinds.map(({ key, label, color, of }): ChartSeries => ({
    key,
    label: t(label),
    color,
    points: true,
    ...(key === 'bias' && { dash: [4, 3] }),
    values: known.map(({ parts }) => relativeDrift(of(parts))),
  }));
  const isZero = hasRouter && known.some(({ parts }) => Number.isNaN(relativeDrift(ofGroup(parts, 'bias'))));
  const table = (): TableData => ({
    caption: t('lookBack.drift'),
    columns: [
      t('lookBack.drift.step'),
      ...kinds.map(({ label }) => t(label)),
      ...(hasRouter ? [t('lookBack.drift.biasMove')] : []),
    ],
    rows: known.map(({ step, parts }) => [
      step,
      ...kinds.map(({ of }) => relativeDrift(of(parts))),
      ...(hasRouter ? [rootMeanSquareDrift(ofGroup(parts, 'bias'))] : []),
    ]),
  });
  return (
    <Panel
      title={t('lookBack.drift')}
      subtitle={t(`lookBack.drift.subtitle.${from}`, { step: integer(first!.step) })}
      actions={
        <Segmented
          label={t('lookBack.drift.from')}
          options={[
            { id: 'first', label: t('lookBack.drift.first') },
            { id: 'previous', label: t('lookBack.drift.previous') },
          ]}
          value={from}
          onChange={setFrom}
        />
      }
      table={table}
      exportName="weight-drift"
    >
      <LiveChart
        {...chart}
        x={known.map(({ step }) => place(step))}
        series={series}
        version={(known.at(-1)?.step ?? 0) * 1000 + known.length * 4 + (axis === 'log' ? 2 : 0) + (from === 'first' ? 1 : 0)}
        yRange={[0, null]}
        syncKey="moments"
        empty={t(isMeasuring ? 'lookBack.measuring' : 'lookBack.unmeasured')}
        height={180}
        formatY={(value) => significant(value, 3)}
        ariaLabel={t('lookBack.drift')}
      />
      {isZero && <p className={styles.quiet}>{t('lookBack.drift.zero')}</p>}
    </Panel>
  );
}
