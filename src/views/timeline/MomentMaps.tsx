// Load on held-out text at a moment, and the bias that chose there, on one axis of experts.
import { useMemo } from 'react';
import { layerRow, meanMaxVio, relativeLoad } from '../../analysis/load';
import { moeLayerCount } from '../../config/modelConfig';
import { max } from '../../core/stats';
import { Heatmap } from '../../components/Heatmap';
import { Panel } from '../../components/Panel';
import { useText } from '../../components/TextContext';
import type { Line, LineMoment } from '../../stores/line';
import { useMoment } from '../../stores/moment';
import { useCellLink } from '../lab/useCellLink';
import { engineErrorText } from '../train/errorText';
import { aroundLayerMean } from '../train/layerMean';
import { roundUp } from '../train/shown';
import { useExpertTable } from '../train/useExpertTable';
import { useMomentConfig } from './useMomentConfig';

const LOAD_DOMAIN = [0, 1, 2] as const;

export function MomentMaps({ line, moment }: { readonly line: Line; readonly moment: LineMoment }) {
  const text = useText();
  const { t, integer, fixed, signed } = text;
  const link = useCellLink();
  const measured = useMoment((state) => state.measured);
  const work = useMoment((state) => state.work);
  const { model, train } = line.config;
  const layers = moeLayerCount(model);
  const experts = model.nRoutedExperts;
  const hasMaps = layers > 0 && measured?.result.load.length === layers * experts;
  const relative = useMemo(() => {
    const values = new Float32Array(layers * experts);
    if (hasMaps)
      for (let row = 0; row < layers; row++)
        values.set(relativeLoad(layerRow(measured.result.load, row, experts)), row * experts);
    return values;
  }, [measured, hasMaps, layers, experts]);
  const rowLabel = (row: number): string => t('train.layer', { layer: model.firstKDenseReplace + row });
  const table = useExpertTable(layers, experts, rowLabel);
  const shown = measured?.result.step;
  // Balancing can be changed while a run trains: what counts is how it was at the moment that is shown.
  const isOfRun = moment.ref.kind === 'checkpoint' && shown !== undefined;
  const then = useMomentConfig(isOfRun ? { ...moment.ref, step: shown } : null);
  const settings = then?.ok ? then.value.train : isOfRun ? null : train;
  const otherwise =
    work.phase === 'failed'
      ? t('timeline.failed', { error: engineErrorText(work.error, text) })
      : t('timeline.measuring', { step: integer(moment.step) });
  const shared = {
    ...link,
    rows: layers,
    columns: experts,
    version: shown ?? 0,
    rowLabel,
    columnLabel: (column: number): string => t('train.expert', { expert: column }),
    scale: 'diverging',
    gutter: 60,
    minCellWidth: 5,
  } as const;
  const biases = useMemo(() => (hasMaps ? aroundLayerMean(measured.biases, experts) : null), [measured, hasMaps, experts]);
  const biasEnd = biases ? roundUp(max(biases.map(Math.abs))) : 1;
  const inBias = (value: number): string => signed(value, biasEnd < 0.01 ? 4 : 3);
  return (
    <>
      <Panel
        title={t('timeline.load')}
        subtitle={
          measured && shown === moment.step
            ? t('timeline.subtitle', {
                step: integer(moment.step),
                tokens: integer(measured.result.overall.tokens),
                loss: fixed(measured.result.overall.nats, 2),
                maxVio: hasMaps ? fixed(meanMaxVio(measured.result.load, layers, experts), 2) : '–',
              })
            : otherwise
        }
        {...(hasMaps && { table: table(relative, t('timeline.load')), exportName: `load-step-${shown}` })}
      >
        {hasMaps && (
          <Heatmap
            {...shared}
            values={relative}
            domain={LOAD_DOMAIN}
            format={(value) => t('train.relative', { value: fixed(value, 2) })}
            ariaLabel={t('timeline.load')}
            columnTicksHidden
          />
        )}
      </Panel>
      {hasMaps && biases && (
        <Panel
          title={t('timeline.bias')}
          subtitle={t(settings?.balanceMode === 'none' ? 'train.bias.subtitle.off' : 'timeline.bias.subtitle', {
            step: integer(shown!),
          })}
          table={table(measured.biases, t('timeline.bias'))}
          exportName={`bias-step-${shown}`}
        >
          <Heatmap
            {...shared}
            values={biases}
            domain={[-biasEnd, 0, biasEnd]}
            format={inBias}
            middle={t('train.bias.middle')}
            read={({ row, column }) => {
              const at = row * experts + column;
              return t('train.bias.reading', { bias: inBias(measured.biases[at]!), around: inBias(biases[at]!) });
            }}
            ariaLabel={t('timeline.bias')}
            columnAxis={t('train.expert', { expert: '' }).trim()}
          />
        </Panel>
      )}
    </>
  );
}
