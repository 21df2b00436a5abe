// The run as a record it can be repeated from: what was changed while it ran, and the file that holds it all.
import { Badge } from '../../components/Badge';
import { Button } from '../../components/Button';
import { Disclosure } from '../../components/Disclosure';
import { download } from '../../components/exportFigures';
import { useText } from '../../components/TextContext';
import { runInfo, useRun } from '../../stores/run';
import { askRunLog } from '../../stores/runActions';
import { fieldChangeText } from './fieldValueText';
import styles from './rail.module.css';

export function RunRecord() {
  const text = useText();
  const { t, loose, integer, significant } = text;
  const changes = useRun((state) => state.changes);
  const info = useRun(({ run }) => runInfo(run));
  const lost = useRun(({ run }) => run.phase === 'lost');
  if (!info) return null;
  const { parent } = info;
  const shown = (key: string, value: number | string): string =>
    `${loose(`field.train.${key}.label`)} → ${typeof value === 'number' ? significant(value) : loose(`field.train.${key}.option.${value}`)}`;
  const save = async (): Promise<void> => {
    const log = await askRunLog();
    if (log) {
      const name = `run-${info.name.replaceAll(/\s+/g, '-')}-step-${log.steps}.json`;
      download(name, new Blob([JSON.stringify(log, null, 2)], { type: 'application/json' }));
    }
  };
  return (
    <Disclosure title={t('train.log')} aside={changes.length > 0 && <Badge>{integer(changes.length)}</Badge>}>
      <div className={styles.group}>
        {parent && (
          <p className={styles.note}>
            {[
              t('train.log.origin', { name: parent.name, step: integer(parent.step) }),
              ...parent.changed.map((change) => fieldChangeText(change, text)),
            ].join(' · ')}
          </p>
        )}
        {changes.length === 0 ? (
          <p className={styles.note}>{t('train.log.none')}</p>
        ) : (
          <ol className={styles.changes}>
            {changes.map(({ step, change }, index) => (
              <li key={index}>
                {t('train.log.item', {
                  step: integer(step),
                  change: Object.entries(change)
                    .map(([key, value]) => shown(key, value))
                    .join(', '),
                })}
              </li>
            ))}
          </ol>
        )}
        <p className={styles.note}>
          {parent ? t('train.log.branch', { name: parent.name, step: integer(parent.step) }) : t('train.log.note')}
        </p>
        <Button size="s" icon="download" isDisabled={lost} onPress={() => void save()}>
          {t('train.log.save')}
        </Button>
      </div>
    </Disclosure>
  );
}
