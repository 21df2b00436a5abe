// One layer's balance: each expert's load beside the bias that answers it, where the bias goes next, and how both got here.
import { memo, useMemo, useState } from 'react';
import { layerRow, relativeLoad } from '../../analysis/load';
import { sum } from '../../core/stats';
import { moeLayerCount } from '../../config/modelConfig';
import type { RunConfig } from '../../config/trainConfig';
import { BarPairs } from '../../components/BarPairs';
import type { TableData } from '../../components/DataTable';
import { Panel } from '../../components/Panel';
import { Segmented } from '../../components/Segmented';
import { Select } from '../../components/Select';
import { useText } from '../../components/TextContext';
import { hoverExpert, litExpert, pinExpert, selectLayer, useSelection } from '../../stores/selection';
import { BalanceFigures } from './BalanceFigures';
import { BalancePaths } from './BalancePaths';
import { layerNumber, roundUp, useRunConfig, useShownRouting, type ShownRouting } from './shown';
import styles from './Train.module.css';
import { useStepsBehind } from './useStepsBehind';

type View = 'now' | 'paths' | 'maxVio';

export function Balance() {
  const { t } = useText();
  const config = useRunConfig();
  const shown = useShownRouting();
  const isBehind = useStepsBehind();
  if (moeLayerCount(config.model) === 0) return null;
  if (!shown) {
    return (
      <Panel title={t('train.balance.title', { layer: layerNumber(config, 0) })} fixed>
        <p className={styles.quiet}>{t(isBehind ? 'train.balance.none.next' : 'train.balance.none')}</p>
      </Panel>
    );
  }
  return <LayerBalance shown={shown} />;
}

interface ControlsProps {
  readonly view: View;
  readonly onView: (view: View) => void;
  readonly layer: number;
  readonly layers: number;
  readonly config: RunConfig;
}

/** Apart, so that a step does not render them. */
const Controls = memo(function Controls({ view, onView, layer, layers, config }: ControlsProps) {
  const { t } = useText();
  return (
    <div className={styles.controls}>
      <Segmented
        label={t('train.balance.view')}
        options={[
          { id: 'now', label: t('train.balance.now') },
          { id: 'paths', label: t('train.balance.paths') },
          { id: 'maxVio', label: t('train.balance.maxVio') },
        ]}
        value={view}
        onChange={onView}
      />
      <Select
        label={t('train.balance.layer')}
        labelHidden
        options={Array.from({ length: layers }, (_, index) => ({
          id: String(index),
          label: t('train.layer', { layer: layerNumber(config, index) }),
        }))}
        value={String(layer)}
        onChange={(id) => selectLayer(Number(id))}
      />
    </div>
  );
});

const LayerBalance = memo(function LayerBalance({ shown }: { readonly shown: ShownRouting }) {
  const { t, loose, integer, significant, signed, fixed } = useText();
  const config = useRunConfig();
  const [view, setView] = useState<View>('now');
  const chosen = useSelection((state) => state.layer);
  const hovered = useSelection((state) => state.hoveredExpert);
  const pinned = useSelection((state) => state.pinnedExpert);
  const expert = useSelection(litExpert);
  const { routing, version } = shown;
  const { experts, layers } = routing;
  const layer = Math.min(chosen, layers - 1);
  const number = layerNumber(config, layer);
  const row = useMemo(() => {
    const load = layerRow(routing.load, layer, experts);
    const gateMass = layerRow(routing.gateMass, layer, experts);
    return {
      load,
      relative: relativeLoad(load),
      bias: layerRow(routing.bias, layer, experts),
      update: layerRow(routing.biasUpdate, layer, experts),
      gateShare: gateMass.map((mass) => mass / sum(gateMass)),
    };
  }, [routing, layer, experts]);
  const biasEnd = roundUp(row.bias.reduce((end, bias) => Math.max(end, Math.abs(bias)), routing.biasUpdateSpeed));
  const { balanceMode } = config.train;
  const steered = balanceMode !== 'none' && balanceMode !== 'frozen';
  const describe = (one: number): string =>
    t('train.balance.reading', {
      expert: t('train.expert', { expert: one }),
      load: fixed(row.relative[one]!, 2),
      count: integer(row.load[one]!),
      bias: signed(row.bias[one]!, 4),
      update: signed(row.update[one]!, 4),
    });
  const tokens = integer(config.train.batchSize * config.train.sequenceLength);
  const table = (): TableData => ({
    caption: t('train.balance.pairs', { layer: number }),
    columns: [
      t('train.balance.expert'),
      t('train.balance.load'),
      t('train.balance.bias'),
      t('train.balance.update'),
      t('train.balance.gateMass'),
    ],
    rows: Array.from(row.load, (_, one) => [one, row.relative[one]!, row.bias[one]!, row.update[one]!, row.gateShare[one]!]),
  });
  return (
    <Panel
      title={t('train.balance.title', { layer: number })}
      subtitle={
        steered
          ? t('train.balance.subtitle', { step: integer(routing.step), tokens, gamma: significant(routing.biasUpdateSpeed) })
          : t('train.balance.subtitle.off', {
              step: integer(routing.step),
              tokens,
              mode: loose(`field.train.balanceMode.option.${balanceMode}`),
            })
      }
      table={table}
      exportName={`balance-layer-${number}`}
    >
      <div className={styles.stack}>
        <Controls view={view} onView={setView} layer={layer} layers={layers} config={config} />
        {view === 'now' ? (
          <div className={styles.pairs}>
            <BarPairs
              experts={experts}
              load={row.relative}
              bias={row.bias}
              update={row.update}
              version={version}
              loadLabel={t('train.balance.load')}
              biasLabel={t('train.balance.bias')}
              fairLabel={t('train.load.fair')}
              formatLoad={(value) => t('train.relative', { value: significant(value, 2) })}
              formatBias={(value) => signed(value, biasEnd < 0.01 ? 3 : 2)}
              biasMax={biasEnd}
              describe={describe}
              rest={t('train.balance.rest')}
              hovered={hovered}
              onHover={hoverExpert}
              selected={pinned}
              onSelect={pinExpert}
              ariaLabel={t('train.balance.pairs', { layer: number })}
              height={112}
              gutter={52}
            />
          </div>
        ) : (
          <BalancePaths kind={view} layer={layer} number={number} expert={expert ?? 0} shown={shown} config={config} />
        )}
        <BalanceFigures shown={shown} layer={layer} config={config} />
      </div>
    </Panel>
  );
});
