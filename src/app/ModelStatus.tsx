// Which model every view speaks of, and how far it is.
import { Badge } from '../components/Badge';
import { useText } from '../components/TextContext';
import { runInfo, runStep, useRun } from '../stores/run';
import styles from './Header.module.css';

export function ModelStatus() {
  const { t, integer } = useText();
  const run = useRun((state) => state.run);
  const info = runInfo(run);
  if (!info) return <span className={styles.quiet}>{t('app.model.none')}</span>;
  return (
    <>
      <span className={styles.runName}>{info.name}</span>
      <span className={styles.quiet}>{t('app.model.step', { step: integer(runStep(run)) })}</span>
      {run.phase === 'training' && (
        <Badge tone="good" icon="play">
          {t('app.model.live')}
        </Badge>
      )}
    </>
  );
}
