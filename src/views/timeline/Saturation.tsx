// How soon each layer's router came to the choices it ends with.
import { useMemo } from 'react';
import { haveOneShape, saturation } from '../../analysis/routeComparison';
import type { ChartSeries } from '../../components/chartData';
import type { TableData } from '../../components/DataTable';
import { LiveChart } from '../../components/LiveChart';
import { Panel } from '../../components/Panel';
import { useText } from '../../components/TextContext';
import type { Line, LineMoment } from '../../stores/line';
import { latestKnown, useLookBack } from '../../stores/lookBack';
import { modelKey } from '../../stores/models';
import { useTokenAxis } from './useTokenAxis';

interface MomentsProps {
  readonly line: Line;
  readonly moments: readonly LineMoment[];
}

/** Colours of the categorical set. */
const COLOURS = 8;

export function Saturation({ line, moments }: MomentsProps) {
  const { t, percent, integer, compact } = useText();
  const routes = useLookBack((state) => state.routes);
  const isMeasuring = useLookBack(({ work }) => work.phase === 'running');
  const { place, axis, chart } = useTokenAxis(line, moments);
  const last = routes[modelKey(latestKnown(moments, { routes })!.ref)];
  const known = useMemo(
    () =>
      moments.flatMap(({ ref, step }) => {
        const own = routes[modelKey(ref)]?.routes;
        if (!own || !last || !haveOneShape(own, last.routes)) return [];
        return [{ step, shares: saturation(own, last.routes) }];
      }),
    [moments, routes, last],
  );
  if (!last || last.routes.layers === 0) return null;
  const { layers, experts, expertsPerToken: K, ids } = last.routes;
  const layerText = (layer: number): string => t('train.layer', { layer: last.firstLayer + layer });
  const series = Array.from({ length: layers }, (_, layer): ChartSeries => ({
    key: String(layer),
    label: layerText(layer),
    color: `--cat-${(layer % COLOURS) + 1}`,
    ...(layer >= COLOURS && { dash: [4, 3] }),
    points: true,
    values: known.map(({ shares }) => shares[layer]!),
  }));
  const table = (): TableData => ({
    caption: t('lookBack.saturation'),
    columns: [t('lookBack.drift.step'), ...Array.from({ length: layers }, (_, layer) => layerText(layer))],
    rows: known.map(({ step, shares }) => [step, ...shares]),
  });
  return (
    <Panel
      title={t('lookBack.saturation')}
      subtitle={t('lookBack.saturation.subtitle', { step: integer(last.step), tokens: compact(ids.length) })}
      table={table}
      exportName="router-saturation"
    >
      <LiveChart
        {...chart}
        x={known.map(({ step }) => place(step))}
        series={series}
        version={last.step * 1000 + known.length * 2 + (axis === 'log' ? 1 : 0)}
        references={[
          { value: K / experts, label: t('lookBack.saturation.chance', { share: percent(K / experts, 0) }), fit: true },
        ]}
        yRange={[0, 1]}
        syncKey="moments"
        empty={t(isMeasuring ? 'lookBack.measuring' : 'lookBack.unmeasured')}
        height={180}
        formatY={(share) => percent(share, 0)}
        ariaLabel={t('lookBack.saturation')}
      />
    </Panel>
  );
}
