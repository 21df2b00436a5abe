// The shares of both sides expert by expert, their difference, and the experts where it is largest.
import { useMemo } from 'react';
import { loadShares, layerRow } from '../../analysis/load';
import { mostDifferent, type RouteComparison } from '../../analysis/routeComparison';
import { max } from '../../core/stats';
import { DataTable, type TableData } from '../../components/DataTable';
import { Heatmap } from '../../components/Heatmap';
import { Panel } from '../../components/Panel';
import { useText } from '../../components/TextContext';
import styles from './Compare.module.css';
import { useCellLink } from './useCellLink';

interface MapsProps {
  readonly result: RouteComparison;
  /** Number in the model of the first layer that routes. */
  readonly firstLayer: number;
}

const MOST = 8;

export function CompareMaps({ result, firstLayer }: MapsProps) {
  const { t, percent, signed } = useText();
  const link = useCellLink();
  const { layers, experts } = result;
  const { shares, difference, end, versionOf } = useMemo(() => drawn(result), [result]);
  const points = (value: number): string => t('compare.points', { points: signed(100 * value, 1) });
  const table = (all: boolean): TableData => ({
    caption: t(all ? 'compare.maps.table' : 'compare.maps.most'),
    columns: [
      t('compare.column.layer'),
      t('compare.column.expert'),
      t('compare.side.0'),
      t('compare.side.1'),
      t('compare.difference'),
    ],
    rows: mostDifferent(result, all ? layers * experts : MOST)
      .toSorted((a, b) => (all ? a.layer - b.layer || a.expert - b.expert : 0))
      .map(({ layer, expert, shares: [a, b], difference: change }) =>
        all
          ? [firstLayer + layer, expert, a, b, 100 * change]
          : [firstLayer + layer, expert, percent(a, 1), percent(b, 1), signed(100 * change, 1)],
      ),
  });
  return (
    <Panel
      title={t('compare.maps.title')}
      subtitle={t('compare.maps.subtitle')}
      table={() => table(true)}
      exportName="comparison-experts"
    >
      <Heatmap
        {...link}
        rows={layers}
        columns={experts}
        values={difference}
        version={versionOf}
        rowLabel={(row) => t('train.layer', { layer: firstLayer + row })}
        columnLabel={(expert) => t('train.expert', { expert })}
        columnAxis={t('compare.column.expert')}
        scale="diverging"
        domain={[-end, 0, end]}
        format={points}
        detail={({ row, column }) =>
          t('compare.maps.detail', {
            first: percent(shares[0][row * experts + column]!, 1),
            second: percent(shares[1][row * experts + column]!, 1),
          })
        }
        ariaLabel={t('compare.maps.title')}
      />
      <h3 className={styles.most}>{t('compare.maps.most')}</h3>
      <DataTable table={table(false)} maxHeight={280} />
    </Panel>
  );
}

let drawings = 0;

function drawn({ layers, experts, loads }: RouteComparison) {
  const shares = loads.map((load) =>
    Float32Array.from({ length: layers }, (_, layer) => layer).reduce(
      (all, layer) => {
        all.set(loadShares(layerRow(load, layer, experts)), layer * experts);
        return all;
      },
      new Float32Array(layers * experts),
    ),
  ) as [Float32Array, Float32Array];
  const difference = shares[1].map((share, at) => share - shares[0][at]!);
  return { shares, difference, end: Math.max(0.001, max(difference.map(Math.abs))), versionOf: ++drawings };
}
