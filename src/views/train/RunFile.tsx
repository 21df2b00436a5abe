// The run as a file that this page and a shell both go on from: given out, and taken in.
import { Button } from '../../components/Button';
import { Disclosure } from '../../components/Disclosure';
import { download } from '../../components/exportFigures';
import { FilePicker } from '../../components/FilePicker';
import { useText } from '../../components/TextContext';
import { askRunFile, useKept } from '../../stores/kept';
import { openRunFile } from '../../stores/resume';
import { useRun } from '../../stores/run';
import styles from './rail.module.css';

export function RunFile() {
  const { t } = useText();
  const isBusy = useKept((state) => state.isBusy);
  const hasRun = useRun(({ run }) => run.phase === 'paused' || run.phase === 'training' || run.phase === 'failed');
  const save = async (): Promise<void> => {
    const given = await askRunFile();
    if (given) download(given.name, given.file);
  };
  return (
    <Disclosure title={t('kept.file')}>
      <div className={styles.group}>
        <p className={styles.note}>{t('kept.file.note')}</p>
        <Button size="s" icon="download" isDisabled={!hasRun} onPress={() => void save()}>
          {t('kept.file.save')}
        </Button>
        <FilePicker
          label={t('kept.file.open')}
          hint={t('kept.file.drop')}
          endings={['.safetensors']}
          isBusy={isBusy}
          onFiles={([file]) => void openRunFile(file)}
        />
      </div>
    </Disclosure>
  );
}
