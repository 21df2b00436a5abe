// Load above, the bias that answers it below, on one axis of experts; a scrubber over the last steps under both.
import { memo, useMemo } from 'react';
import { layerRow, relativeLoad } from '../../analysis/load';
import { moeLayerCount } from '../../config/modelConfig';
import type { RunConfig } from '../../config/trainConfig';
import { Button } from '../../components/Button';
import type { CellRef } from '../../components/gridCursor';
import { Heatmap } from '../../components/Heatmap';
import { Panel } from '../../components/Panel';
import { Segmented } from '../../components/Segmented';
import { EmptyState } from '../../components/States';
import { useText } from '../../components/TextContext';
import { TimeScrubber } from '../../components/TimeScrubber';
import { max, sum } from '../../core/stats';
import { setPreference, usePreferences } from '../../stores/preferences';
import { AVERAGE_STEPS, routingBuffer, summedLoad } from '../../stores/routing';
import { play } from '../../stores/runActions';
import { hoverExpert, litExpert, pinExpert, selectLayer, selectStep, useSelection } from '../../stores/selection';
import { aroundLayerMean } from './layerMean';
import { fairShare, layerNumber, roundUp, useRunConfig, useShownRouting, type ShownRouting } from './shown';
import { useExpertTable } from './useExpertTable';
import styles from './Train.module.css';

/** Relative load: idle, the fair share, twice that and more. */
const LOAD_DOMAIN = [0, 1, 2] as const;
const GUTTER = 60;

export function Heatmaps() {
  const { t } = useText();
  const config = useRunConfig();
  const shown = useShownRouting();
  if (moeLayerCount(config.model) === 0) {
    return (
      <Panel title={t('train.load.title')} fixed>
        <EmptyState title={t('train.dense.title')}>{t('train.dense.body')}</EmptyState>
      </Panel>
    );
  }
  if (!shown) {
    return (
      <Panel title={t('train.load.title')} fixed>
        <EmptyState
          title={t('train.empty.routing.title')}
          action={
            <Button icon="play" onPress={() => void play()}>
              {t('train.play')}
            </Button>
          }
        >
          {t('train.empty.routing.body')}
        </EmptyState>
      </Panel>
    );
  }
  return <Maps shown={shown} config={config} />;
}

/** Apart, so that a step does not render it. */
const LoadViews = memo(function LoadViews() {
  const { t } = useText();
  const view = usePreferences((preferences) => preferences.loadView);
  return (
    <Segmented
      label={t('train.load.view')}
      options={[
        { id: 'lastStep', label: t('train.load.view.last') },
        { id: 'average', label: t('train.load.view.average', { count: AVERAGE_STEPS }) },
      ]}
      value={view}
      onChange={(loadView) => setPreference({ loadView })}
    />
  );
});

const Maps = memo(function Maps({ shown, config }: { readonly shown: ShownRouting; readonly config: RunConfig }) {
  const { t, integer, significant, fixed, signed, percent } = useText();
  const view = usePreferences((preferences) => preferences.loadView);
  const layer = useSelection((state) => state.layer);
  const expert = useSelection(litExpert);
  const hoveredExpert = useSelection((state) => state.hoveredExpert);
  const hoveredLayer = useSelection((state) => state.hoveredLayer);
  const step = useSelection((state) => state.step);
  const { routing, index, version } = shown;
  const { layers, experts } = routing;

  const averaged = useMemo(
    () => (view === 'average' ? summedLoad(index, AVERAGE_STEPS) : { load: routing.load, steps: 1 }),
    [view, index, routing],
  );
  const relative = useMemo(() => {
    const values = new Float32Array(layers * experts);
    for (let row = 0; row < layers; row++) values.set(relativeLoad(layerRow(averaged.load, row, experts)), row * experts);
    return values;
  }, [averaged, layers, experts]);
  const biases = useMemo(() => aroundLayerMean(routing.bias, experts), [routing, experts]);
  const biasEnd = roundUp(max(biases.map(Math.abs)));
  const inBias = (value: number): string => signed(value, biasEnd < 0.01 ? 4 : 3);
  const tokens = config.train.batchSize * config.train.sequenceLength;

  const rowLabel = (row: number): string => t('train.layer', { layer: layerNumber(config, row) });
  const columnLabel = (column: number): string => t('train.expert', { expert: column });
  const hovered: CellRef | null = hoveredExpert === null ? null : { row: hoveredLayer ?? layer, column: hoveredExpert };
  const shared = {
    rows: layers,
    columns: experts,
    version,
    rowLabel,
    columnLabel,
    hovered,
    onHover: (cell: CellRef | null) => hoverExpert(cell ? cell.column : null, cell ? cell.row : null),
    selectedRow: layer,
    selectedColumn: expert,
    onSelect: (cell: CellRef) => {
      selectLayer(cell.row);
      pinExpert(cell.column);
    },
    gutter: GUTTER,
    minCellWidth: 5,
  };
  const at = ({ row, column }: CellRef): number => row * experts + column;
  const gateShare = (cell: CellRef): number => routing.gateMass[at(cell)]! / sum(layerRow(routing.gateMass, cell.row, experts));
  const table = useExpertTable(layers, experts, rowLabel);
  const words = {
    step: integer(routing.step),
    tokens: integer(tokens * averaged.steps),
    fair: significant(fairShare(routing)),
  };
  return (
    <div className={styles.maps}>
      <Panel
        title={t('train.load.title')}
        subtitle={
          view === 'average'
            ? t('train.load.subtitle.average', { ...words, from: integer(routing.step - averaged.steps + 1) })
            : t('train.load.subtitle.last', words)
        }
        actions={<LoadViews />}
        table={table(relative, t('train.load.caption'))}
        exportName="expert-load"
      >
        <Heatmap
          {...shared}
          values={relative}
          scale="diverging"
          domain={LOAD_DOMAIN}
          format={(value) => t('train.relative', { value: fixed(value, 2) })}
          detail={(cell) =>
            t('train.load.detail', {
              count: integer(averaged.load[at(cell)]!),
              tokens: words.tokens,
              gate: percent(gateShare(cell), 1),
              bias: signed(routing.bias[at(cell)]!, 4),
            })
          }
          ariaLabel={t('train.load.caption')}
          columnTicksHidden
        />
      </Panel>
      <Panel
        title={t('train.bias.title')}
        subtitle={t(config.train.balanceMode === 'none' ? 'train.bias.subtitle.off' : 'train.bias.subtitle', words)}
        table={table(routing.bias, t('train.bias.caption'))}
        exportName="expert-bias"
      >
        <Heatmap
          {...shared}
          values={biases}
          scale="diverging"
          domain={[-biasEnd, 0, biasEnd]}
          format={inBias}
          middle={t('train.bias.middle')}
          read={(cell) => t('train.bias.reading', { bias: inBias(routing.bias[at(cell)]!), around: inBias(biases[at(cell)]!) })}
          detail={(cell) => t('train.bias.detail', { update: signed(routing.biasUpdate[at(cell)]!, 4) })}
          ariaLabel={t('train.bias.caption')}
          columnAxis={t('train.expert', { expert: '' }).trim()}
        />
      </Panel>
      <TimeScrubber
        oldest={routingBuffer.at(0)!.step}
        newest={routingBuffer.last()!.step}
        value={step === 'live' ? null : routing.step}
        onChange={(next) => selectStep(next ?? 'live')}
        label={t('train.scrubber')}
      />
    </div>
  );
});
