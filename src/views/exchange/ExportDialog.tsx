// How the model goes out: which numbers, folded or not, in one file or several.
import { useEffect, useState } from 'react';
import { modelSize } from '../../analysis/modelSize';
import type { ExportType } from '../../checkpoint/exchange/exportFolder';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { download } from '../../components/exportFigures';
import { Notice } from '../../components/Notice';
import { ProgressBar } from '../../components/Progress';
import { Segmented } from '../../components/Segmented';
import { Switch } from '../../components/Switch';
import { useText } from '../../components/TextContext';
import type { ModelConfig } from '../../config/modelConfig';
import type { ModelRef } from '../../protocol/modelRef';
import { cancelExchange, exportModel, forgetExport, useExchange } from '../../stores/exchange';
import { runInfo, useRun } from '../../stores/run';
import { useShelf } from '../../stores/shelf';
import { engineErrorText } from '../train/errorText';
import styles from './Exchange.module.css';
import { shareOf } from './progress';

const BYTES: Readonly<Record<ExportType, number>> = { F32: 4, BF16: 2, F16: 2 };
const TYPES: readonly ExportType[] = ['F32', 'BF16', 'F16'];

interface ExportDialogProps {
  /** Those that can go out, at least one; the first unless another is chosen. */
  readonly models: readonly ModelRef[];
  readonly onClose: () => void;
}

export function ExportDialog({ models, onClose }: ExportDialogProps) {
  const text = useText();
  const { t, bytes, significant } = text;
  const [kind, setKind] = useState<ModelRef['kind'] | null>(null);
  const model = models.find((one) => one.kind === kind) ?? models[0]!;
  const config = useExportedConfig(model);
  const [dtype, setType] = useState<ExportType>('F32');
  const [isFolded, setFolded] = useState(false);
  const [asZip, setZip] = useState(true);
  const { exporting } = useExchange();
  // What an earlier export gave may be of other weights.
  useEffect(() => forgetExport, []);
  const write = async (): Promise<void> => {
    const given = await exportModel(model, { dtype, isFolded }, asZip);
    const [only] = given?.files ?? [];
    if (asZip && only) download(only.name, only.file);
  };
  const size = config ? bytes(modelSize(config).totalParameters * BYTES[dtype]) : '–';
  const canFold = config !== null && config.nRoutedExperts > 0 && config.routedScalingFactor !== 1;
  return (
    <Dialog
      title={t('exchange.export.title')}
      isOpen
      onClose={onClose}
      actions={
        // Not disabled while it works: it would lose the focus, and pressed again it begins again.
        <Button tone="primary" onPress={() => void write()}>
          {t('exchange.export.go')}
        </Button>
      }
    >
      <div className={styles.stack}>
        <Which models={models} model={model} onChange={setKind} />
        <div className={styles.choice}>
          <span className={styles.label}>{t('exchange.dtype')}</span>
          <Segmented
            label={t('exchange.dtype')}
            options={TYPES.map((id) => ({ id, label: t(`exchange.dtype.${id}`) }))}
            value={dtype}
            onChange={setType}
          />
          <p className={styles.note}>{t(`exchange.dtype.note.${dtype}`, { size })}</p>
        </div>
        {canFold && (
          <div className={styles.choice}>
            <Switch isSelected={isFolded} onChange={setFolded}>
              {t('exchange.fold', { factor: significant(config.routedScalingFactor) })}
            </Switch>
            <p className={styles.note}>{t('exchange.fold.note')}</p>
          </div>
        )}
        <div className={styles.choice}>
          <span className={styles.label}>{t('exchange.pack')}</span>
          <Segmented
            label={t('exchange.pack')}
            options={[
              { id: 'zip', label: t('exchange.pack.zip') },
              { id: 'files', label: t('exchange.pack.files') },
            ]}
            value={asZip ? 'zip' : 'files'}
            onChange={(id) => setZip(id === 'zip')}
          />
        </div>
        {exporting.phase === 'working' && (
          <ProgressBar
            label={t('exchange.export.busy')}
            share={shareOf(exporting.progress)}
            onCancel={() => cancelExchange('exporting')}
          />
        )}
        {exporting.phase === 'failed' && (
          <Notice tone="danger" title={t('exchange.export.problem')}>
            {engineErrorText(exporting.error, text)}
          </Notice>
        )}
        <Exported />
      </div>
    </Dialog>
  );
}

function useExportedConfig(model: ModelRef): ModelConfig | null {
  const info = useRun(({ run }) => runInfo(run));
  const manifest = useShelf((state) => state.manifest);
  if (model.kind !== 'shipped') return info?.config.model ?? null;
  return manifest && manifest !== 'missing' ? manifest.config.model : null;
}

interface WhichProps extends Pick<ExportDialogProps, 'models'> {
  readonly model: ModelRef;
  readonly onChange: (kind: ModelRef['kind']) => void;
}

/** Which model goes out, and of which step; the choice, where a moment of the run is looked at. */
function Which({ models, model, onChange }: WhichProps) {
  const { t, integer } = useText();
  const run = useRun((state) => state.run);
  if (model.kind === 'shipped') return <p>{t('exchange.export.shipped', { step: integer(model.step) })}</p>;
  const name = runInfo(run)?.name ?? '';
  const now = 'step' in run ? run.step : 0;
  const stepOf = (one: ModelRef): string => integer('step' in one ? one.step : now);
  const step = stepOf(model);
  return (
    <div className={styles.choice}>
      {models.length > 1 && (
        <Segmented
          label={t('exchange.export.which')}
          options={models.map((one) => ({
            id: one.kind,
            label: t(one.kind === 'live' ? 'exchange.export.which.live' : 'exchange.export.which.moment', { step: stepOf(one) }),
          }))}
          value={model.kind}
          onChange={onChange}
        />
      )}
      <p>{t(model.kind === 'live' ? 'exchange.export.live' : 'exchange.export.moment', { name, step })}</p>
    </div>
  );
}

/** What was written: one file is saved by itself, of several each waits for a press. */
function Exported() {
  const { t, integer, bytes } = useText();
  const { exported } = useExchange();
  if (!exported) return null;
  const { step, files, nonFinite } = exported;
  const names = files.map(({ name, file }) => `${name} (${bytes(file.size)})`).join(', ');
  return (
    <>
      <Notice
        title={t(files.length > 1 ? 'exchange.export.ready' : 'exchange.export.done', { step: integer(step), files: names })}
      >
        {nonFinite > 0 && t('exchange.export.nonfinite', { count: integer(nonFinite) })}
      </Notice>
      <ul className={styles.files}>
        {files.map(({ name, file }) => (
          <li key={name}>
            <Button size="s" icon="download" onPress={() => download(name, file)}>
              {t('exchange.download', { name })}
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}
