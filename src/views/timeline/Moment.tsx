// The moment under the timeline: who did the work on held-out text then, how surprised the model was, and what it wrote.
import { useMemo } from 'react';
import { layerRow, meanMaxVio, relativeLoad } from '../../analysis/load';
import { moeLayerCount } from '../../config/modelConfig';
import type { TableData } from '../../components/DataTable';
import type { CellRef } from '../../components/gridCursor';
import { Heatmap } from '../../components/Heatmap';
import { Panel } from '../../components/Panel';
import { useText } from '../../components/TextContext';
import { runInfo, useRun } from '../../stores/run';
import { hoverExpert, litExpert, pinExpert, selectLayer, useSelection } from '../../stores/selection';
import { useTimeline } from '../../stores/timeline';
import { engineErrorText } from '../train/errorText';
import styles from './Moment.module.css';

const LOAD_DOMAIN = [0, 1, 2] as const;

export function Moment() {
  const text = useText();
  const { t, integer, fixed } = text;
  const { moment, measured, written, work } = useTimeline();
  const info = useRun(({ run }) => runInfo(run));
  const layer = useSelection((state) => state.layer);
  const expert = useSelection(litExpert);
  const hoveredExpert = useSelection((state) => state.hoveredExpert);
  const hoveredLayer = useSelection((state) => state.hoveredLayer);
  const model = info?.config.model;
  const layers = model ? moeLayerCount(model) : 0;
  const experts = model?.nRoutedExperts ?? 0;
  const relative = useMemo(() => {
    const values = new Float32Array(layers * experts);
    if (measured?.load.length === values.length)
      for (let row = 0; row < layers; row++) values.set(relativeLoad(layerRow(measured.load, row, experts)), row * experts);
    return values;
  }, [measured, layers, experts]);
  if (!moment || !model) return null;
  const rowLabel = (row: number): string => t('train.layer', { layer: model.firstKDenseReplace + row });
  const hovered: CellRef | null = hoveredExpert === null ? null : { row: hoveredLayer ?? layer, column: hoveredExpert };
  const table = (): TableData => ({
    caption: t('timeline.load'),
    columns: [
      t('train.balance.layer'),
      ...Array.from({ length: experts }, (_, column) => t('train.expert.short', { expert: column })),
    ],
    rows: Array.from({ length: layers }, (_, row) => [rowLabel(row), ...layerRow(relative, row, experts)]),
  });
  return (
    <Panel
      title={t('timeline.load')}
      subtitle={
        measured
          ? t('timeline.subtitle', {
              step: integer(moment.step),
              tokens: integer(measured.overall.tokens),
              loss: fixed(measured.overall.nats, 2),
              maxVio: layers > 0 ? fixed(meanMaxVio(measured.load, layers, experts), 2) : '–',
            })
          : t('timeline.measuring', { step: integer(moment.step) })
      }
      {...(measured && layers > 0 && { table, exportName: `load-step-${moment.step}` })}
    >
      <div className={styles.stack}>
        {measured && layers > 0 && (
          <Heatmap
            rows={layers}
            columns={experts}
            values={relative}
            version={moment.step}
            rowLabel={rowLabel}
            columnLabel={(column) => t('train.expert', { expert: column })}
            columnAxis={t('train.expert', { expert: '' }).trim()}
            scale="diverging"
            domain={LOAD_DOMAIN}
            format={(value) => t('train.relative', { value: fixed(value, 2) })}
            hovered={hovered}
            onHover={(cell) => hoverExpert(cell ? cell.column : null, cell ? cell.row : null)}
            selectedRow={layer}
            selectedColumn={expert}
            onSelect={(cell) => {
              selectLayer(cell.row);
              pinExpert(cell.column);
            }}
            ariaLabel={t('timeline.load')}
            gutter={60}
            minCellWidth={5}
          />
        )}
        {written !== null && (
          <p className={styles.written} tabIndex={0}>
            {written}
          </p>
        )}
        {work.phase === 'failed' && <p role="alert">{t('timeline.failed', { error: engineErrorText(work.error, text) })}</p>}
      </div>
    </Panel>
  );
}
