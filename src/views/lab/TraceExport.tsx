// The trace that is on screen as a file: JSON, CSV, or Parquet for tools that read routing traces.
import { useState } from 'react';
import { traceJson } from '../../analysis/traceFile/traceJson';
import { traceParquet } from '../../analysis/traceFile/traceParquet';
import { traceRows } from '../../analysis/traceFile/traceRows';
import type { TraceDocument } from '../../analysis/traceFile/traceDocument';
import { packZip } from '../../checkpoint/exchange/zip';
import { encodeInterventions } from '../../config/interventionLink';
import { Button } from '../../components/Button';
import { download, toCsv } from '../../components/exportFigures';
import { Menu } from '../../components/Menu';
import { useText } from '../../components/TextContext';
import type { TraceAnswer } from '../../protocol/lab';
import { useLab } from '../../stores/lab';
import { modelKey } from '../../stores/models';
import { exportNameOf } from './exportName';
import styles from './Lab.module.css';

const FORMATS = ['json', 'csv', 'parquet'] as const;
type Format = (typeof FORMATS)[number];

export function TraceExport({ answer }: { readonly answer: TraceAnswer }) {
  const { t } = useText();
  const [failure, setFailure] = useState('');
  const save = async (format: Format): Promise<void> => {
    const document = documentOf(answer);
    const name = `trace-${exportNameOf(answer)}`;
    setFailure('');
    try {
      if (format === 'json') download(`${name}.json`, await written(document));
      if (format === 'csv')
        download(`${name}.csv`, new Blob(['\ufeff', toCsv({ caption: '', ...traceRows(document) })], { type: 'text/csv' }));
      if (format === 'parquet') download(`${name}-parquet.zip`, await packZip(await traceParquet(document)));
    } catch (thrown) {
      setFailure(thrown instanceof Error ? thrown.message : String(thrown));
    }
  };
  return (
    <>
      <Menu
        label={t('trace.export')}
        trigger={
          <Button size="s" icon="download">
            {t('trace.export')}
          </Button>
        }
        entries={FORMATS.map((id) => ({
          id,
          label: t(`trace.export.${id}`),
          description: t(`trace.export.${id}.about`),
        }))}
        onAction={(id) => void save(id as Format)}
      />
      {failure && (
        <p role="alert" className={styles.quiet}>
          {t('trace.export.failed', { detail: failure })}
        </p>
      )}
    </>
  );
}

function documentOf({ model, step, firstLayer, prompt, baseline, changed }: TraceAnswer): TraceDocument {
  const { text, interventions } = useLab.getState();
  return {
    model: modelKey(model),
    step,
    firstLayer,
    text,
    changes: changed ? encodeInterventions(interventions.present) : '',
    ids: prompt.ids,
    pieces: prompt.pieces,
    baseline,
    changed: changed?.trace ?? null,
  };
}

/** Long traces are written in several tasks, so that the page stays at hand. */
async function written(document: TraceDocument): Promise<Blob> {
  const parts: string[] = [];
  let isFresh = performance.now();
  for (const part of traceJson(document)) {
    parts.push(part);
    if (performance.now() - isFresh < 20) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    isFresh = performance.now();
  }
  return new Blob(parts, { type: 'application/json' });
}
