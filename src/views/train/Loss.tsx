// Is it learning: the training loss, smoothed with each step behind it, and the held-out text of every domain.
import { useMemo } from 'react';
import type { ChartReference, ChartSeries } from '../../components/chartData';
import { categoryColor, categoryDash } from '../../components/color';
import type { TableData } from '../../components/DataTable';
import { LiveChart } from '../../components/LiveChart';
import { Panel } from '../../components/Panel';
import { Segmented } from '../../components/Segmented';
import { useText } from '../../components/TextContext';
import type { LossUnit } from '../../stores/preferences';
import { setPreference, usePreferences } from '../../stores/preferences';
import { runInfo, useRun } from '../../stores/run';
import { useScalars } from '../../stores/scalars';
import { useValidation } from '../../stores/validation';
import { lossCurves, referenceLosses, unitFactor } from './lossData';
import { useRunConfig } from './shown';
import { useWholeStep } from './useWholeStep';
import styles from './Train.module.css';

const UNITS: readonly LossUnit[] = ['nats', 'bitsPerByte', 'bitsPerCharacter'];

export function Loss() {
  const { t, integer, fixed } = useText();
  const version = useScalars((state) => state.version);
  const results = useValidation((state) => state.results);
  const info = useRun((state) => runInfo(state.run));
  const unit = usePreferences((preferences) => preferences.lossUnit);
  const { train } = useRunConfig();
  const wholeStep = useWholeStep();
  // The history grows in place: its version stands for it.
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  const curves = useMemo(() => lossCurves(unit, results, info?.domains ?? []), [version, unit, results, info]);
  const lines = info && referenceLosses(unit, results, info.baselines);
  const series: ChartSeries[] = [
    { key: 'raw', label: t('train.loss.raw'), color: '--accent', values: curves.raw, faint: true },
    { key: 'train', label: t('train.loss.train'), color: '--accent', values: curves.smoothed, width: 2 },
    {
      key: 'validation',
      label: t('train.loss.validation'),
      color: '--text',
      x: curves.validated,
      values: curves.validation,
      width: 2,
      points: true,
    },
    ...(results.length === 0 ? [] : curves.domains).map(({ domain, values }, index): ChartSeries => ({
      key: `domain-${domain}`,
      label: domain,
      color: categoryColor(index),
      dash: categoryDash(Math.floor(index / 8) + 1),
      x: curves.validated,
      values,
      width: 1,
    })),
  ];
  const references: ChartReference[] = lines
    ? (['uniform', 'unigram', 'bigram'] as const).map((kind) => ({
        value: lines[kind],
        label: t(`train.loss.${kind}`),
        fit: kind !== 'uniform',
      }))
    : [];
  const latest = results.at(-1);
  const table = (): TableData => ({
    caption: latest
      ? `${t('train.loss.perDomain')} · ${t('train.loss.perDomain.subtitle', { step: integer(latest.step), tokens: integer(latest.overall.tokens) })}`
      : t('train.loss.perDomain'),
    columns: [
      t('train.loss.domain'),
      t('train.loss.language'),
      t('train.loss.tokens'),
      ...UNITS.map((id) => t(`train.loss.unit.${id}`)),
    ],
    rows: (latest?.domains ?? []).map((loss) => [
      loss.domain,
      t(`train.domain.language.${loss.language}`),
      loss.tokens,
      ...UNITS.map((id) => loss[id]),
    ]),
  });
  return (
    <Panel
      title={t('train.loss.title')}
      subtitle={t('train.loss.subtitle', { tokens: integer(train.batchSize * train.sequenceLength) })}
      actions={
        <Segmented
          label={t('train.loss.unit')}
          options={UNITS.map((id) => ({ id, label: t(`train.loss.unit.${id}`) }))}
          value={unit}
          onChange={(lossUnit) => setPreference({ lossUnit })}
        />
      }
      table={latest && table}
      exportName="loss"
    >
      <LiveChart
        x={curves.steps}
        xLabel={t('train.loss.axis')}
        series={series}
        references={references}
        version={version + results.length}
        syncKey="steps"
        height={116}
        formatX={wholeStep}
        formatY={(value) => fixed(value, 2)}
        ariaLabel={t('train.loss.title')}
      />
      {unit !== 'nats' && unitFactor(unit, results) === null && (
        <p className={styles.quiet}>
          {t('train.loss.converted', { unit: t(unit === 'bitsPerByte' ? 'train.loss.bytes' : 'train.loss.characters') })}
        </p>
      )}
    </Panel>
  );
}
