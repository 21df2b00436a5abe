// Is it learning: the training loss, smoothed with each step behind it, and the held-out text, whole and by domain.
import { useMemo, useState } from 'react';
import type { ChartReference, ChartSeries } from '../../components/chartData';
import type { TableData } from '../../components/DataTable';
import { LiveChart } from '../../components/LiveChart';
import { Panel } from '../../components/Panel';
import { Segmented } from '../../components/Segmented';
import { Select } from '../../components/Select';
import { useText } from '../../components/TextContext';
import type { LossUnit } from '../../stores/preferences';
import { setPreference, usePreferences } from '../../stores/preferences';
import { useScalars } from '../../stores/scalars';
import { useValidation } from '../../stores/validation';
import { DomainBars } from './DomainBars';
import { baselineOf, LOSS_UNITS, lossCurves, lossRows, referenceLosses, unitFactor } from './lossData';
import { useRunConfig } from './shown';
import { useDomainLook } from './useDomainLook';
import { useStepAxis } from './useStepAxis';
import { useStepsBehind } from './useStepsBehind';
import styles from './Train.module.css';

const VIEWS = ['overall', 'domains', 'latest'] as const;
type View = (typeof VIEWS)[number];
const GUESSES = ['unigram', 'bigram'] as const;

export function Loss() {
  const { t, integer } = useText();
  const [view, setView] = useState<View>('overall');
  const results = useValidation((state) => state.results);
  const unit = usePreferences((preferences) => preferences.lossUnit);
  const { train } = useRunConfig();
  const look = useDomainLook();
  const latest = results.at(-1);
  const domains = useValidation((state) => state.baselines?.domains);
  const hasSteps = useScalars((state) => state.latest !== null);
  const bySteps = (): TableData => {
    const inUnit = t(`train.loss.unit.${unit}`);
    const curves = ['train.loss.raw', 'train.loss.train', 'train.loss.validation'] as const;
    return {
      caption: t('train.loss.title'),
      columns: [t('train.loss.axis'), ...curves.map((curve) => `${t(curve)} (${inUnit})`)],
      rows: lossRows(unit, results),
    };
  };
  const byDomain = (): TableData => ({
    caption: t('train.loss.perDomain'),
    columns: [
      t('train.loss.domain'),
      t('train.loss.language'),
      t('train.loss.tokens'),
      ...LOSS_UNITS.map((id) => t(`train.loss.unit.${id}`)),
      ...GUESSES.map((guess) => `${t(`train.loss.${guess}`)} (${t('train.loss.unit.nats')})`),
    ],
    rows: (latest?.domains ?? []).map((loss) => [
      look(loss).domain,
      look(loss).language,
      loss.tokens,
      ...LOSS_UNITS.map((id) => loss[id]),
      ...GUESSES.map((guess) => baselineOf(domains, loss)?.[guess] ?? NaN),
    ]),
  });
  const training = t('train.loss.subtitle', { tokens: integer(train.batchSize * train.sequenceLength) });
  return (
    <Panel
      title={t('train.loss.title')}
      subtitle={
        view === 'overall' || !latest
          ? training
          : t('train.loss.perDomain.subtitle', { step: integer(latest.step), tokens: integer(latest.overall.tokens) })
      }
      table={view === 'overall' ? (hasSteps ? bySteps : undefined) : latest && byDomain}
      exportName="loss"
    >
      <div className={styles.stack}>
        <div className={styles.controls}>
          <Segmented
            label={t('train.loss.unit')}
            options={LOSS_UNITS.map((id) => ({ id, label: t(`train.loss.unit.${id}`) }))}
            value={unit}
            onChange={(lossUnit) => setPreference({ lossUnit })}
          />
          <Select
            label={t('train.loss.view')}
            labelHidden
            options={VIEWS.map((id) => ({ id, label: t(`train.loss.view.${id}`) }))}
            value={view}
            onChange={setView}
          />
        </div>
        {view === 'latest' ? <DomainBars unit={unit} /> : <Curves unit={unit} byDomain={view === 'domains'} />}
        {view !== 'overall' && unit === 'bitsPerByte' && <p className={styles.quiet}>{t('train.loss.bytesDiffer')}</p>}
      </div>
    </Panel>
  );
}

function Curves({ unit, byDomain }: { readonly unit: LossUnit; readonly byDomain: boolean }) {
  const { t, fixed } = useText();
  const version = useScalars((state) => state.version);
  const results = useValidation((state) => state.results);
  const baselines = useValidation((state) => state.baselines);
  const look = useDomainLook();
  const axis = useStepAxis();
  const isBehind = useStepsBehind();
  // The history grows in place: its version stands for it.
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  const curves = useMemo(() => lossCurves(unit, results), [version, unit, results]);
  const lines = baselines && referenceLosses(unit, results, baselines);
  const overall: ChartSeries[] = [
    { key: 'raw', label: t('train.loss.raw'), color: '--accent', values: curves.raw, faint: true },
    { key: 'train', label: t('train.loss.train'), color: '--accent', values: curves.smoothed, width: 2 },
  ];
  const validation: ChartSeries = {
    key: 'validation',
    label: t('train.loss.validation'),
    color: '--text',
    x: curves.validated,
    values: curves.validation,
    width: 2,
    points: true,
  };
  const domains = curves.domains.map((text): ChartSeries => {
    const { id, label, color, dash } = look(text);
    return { key: id, label, color, dash, x: curves.validated, values: text.values, width: 1.5 };
  });
  const references: ChartReference[] = lines
    ? (['uniform', 'unigram', 'bigram'] as const).map((kind) => ({
        value: lines[kind],
        label: t(`train.loss.${kind}`),
        fit: kind !== 'uniform' && !byDomain,
      }))
    : [];
  const unconverted = unit !== 'nats' && unitFactor(unit, results) === null;
  return (
    <>
      <LiveChart
        {...axis}
        x={byDomain ? curves.validated : curves.steps}
        series={byDomain ? [validation, ...domains] : [...overall, validation]}
        references={byDomain ? [] : references}
        version={version + results.length}
        syncKey="steps"
        height={128}
        {...(isBehind && { empty: t('train.loss.goesOn') })}
        formatY={(value) => fixed(value, 2)}
        ariaLabel={t(byDomain ? 'train.loss.perDomain' : 'train.loss.title')}
      />
      {unconverted && (
        <p className={styles.quiet}>
          {t('train.loss.converted', { unit: t(unit === 'bitsPerByte' ? 'train.loss.bytes' : 'train.loss.characters') })}
        </p>
      )}
    </>
  );
}
