// The door to other tools: the model out as Hugging Face's files, another one in.
import { useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { Button } from '../../components/Button';
import { Disclosure } from '../../components/Disclosure';
import { FilePicker } from '../../components/FilePicker';
import { Notice } from '../../components/Notice';
import { ProgressBar } from '../../components/Progress';
import { useText } from '../../components/TextContext';
import { useChosenModel } from '../../stores/chosenModel';
import { cancelExchange, importModel, modelsToExport, runToExport, useExchange } from '../../stores/exchange';
import { useRun } from '../../stores/run';
import { useShelf } from '../../stores/shelf';
import { engineErrorText } from '../train/errorText';
import styles from './Exchange.module.css';
import { ExportDialog } from './ExportDialog';
import { ImportedDialog } from './ImportedDialog';
import { shareOf } from './progress';

export function Exchange() {
  const text = useText();
  const { t } = text;
  const [open, setOpen] = useState<'export' | 'imported' | null>(null);
  const { importing, imported } = useExchange();
  const shelf = useShelf();
  const chosen = useChosenModel((state) => state.model);
  const models = modelsToExport(useRun(useShallow(({ run }) => runToExport(run))), shelf, chosen);
  const take = async (files: readonly File[]): Promise<void> => {
    const taking = importModel(files, t('exchange.prompt.first'));
    const stop = useExchange.subscribe((now, before) => {
      if (now.imported && now.imported !== before.imported) setOpen('imported');
    });
    await taking.finally(stop);
  };
  return (
    <Disclosure title={t('exchange.title')}>
      <div className={styles.group}>
        <p className={styles.note}>{t('exchange.note')}</p>
        <Button size="s" icon="download" isDisabled={models.length === 0} onPress={() => setOpen('export')}>
          {t('exchange.export')}
        </Button>
        {models.length === 0 && <p className={styles.note}>{t('exchange.export.none')}</p>}
        <FilePicker
          label={t('exchange.import')}
          hint={t('exchange.drop')}
          endings={['.json', '.safetensors', '.zip']}
          allowsMultiple
          isBusy={importing.phase === 'working'}
          onFiles={(files) => void take(files)}
        />
        {importing.phase === 'working' && (
          <ProgressBar
            label={t('exchange.import.busy')}
            share={shareOf(importing.progress)}
            onCancel={() => cancelExchange('importing')}
          />
        )}
        {importing.phase === 'failed' && (
          <Notice
            tone="danger"
            title={t('exchange.import.problem')}
            onDismiss={() => useExchange.setState({ importing: { phase: 'idle' } })}
          >
            {engineErrorText(importing.error, text)}
          </Notice>
        )}
        {imported && (
          <Button size="s" onPress={() => setOpen('imported')}>
            {t('exchange.import.show')}
          </Button>
        )}
      </div>
      {open === 'export' && models.length > 0 && <ExportDialog models={models} onClose={() => setOpen(null)} />}
      {open === 'imported' && imported && <ImportedDialog imported={imported} onClose={() => setOpen(null)} />}
    </Disclosure>
  );
}
