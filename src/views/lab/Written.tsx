// What the model writes after the prompt, with the same seed without and with the change.
import { useState } from 'react';
import { Button } from '../../components/Button';
import { Panel } from '../../components/Panel';
import { Segmented } from '../../components/Segmented';
import { useText } from '../../components/TextContext';
import { stopWriting, useLab, writeOn } from '../../stores/lab';
import { engineErrorText } from '../train/errorText';
import styles from './Lab.module.css';

const TEMPERATURES = ['0', '0.5', '0.8', '1'] as const;

export function Written() {
  const text = useText();
  const { t } = text;
  const { writing, written } = useLab();
  const [temperature, setTemperature] = useState<(typeof TEMPERATURES)[number]>('0.8');
  const isBusy = writing.phase === 'busy';
  return (
    <Panel title={t('lab.text.title')} subtitle={t('lab.text.subtitle')} fixed>
      <div className={styles.line}>
        <Segmented
          label={t('lab.text.temperature')}
          options={TEMPERATURES.map((id) => ({ id, label: id }))}
          value={temperature}
          onChange={setTemperature}
        />
        <Button onPress={() => (isBusy ? stopWriting() : void writeOn(Number(temperature)))}>
          {t(isBusy ? 'lab.text.stop' : 'lab.text.write')}
        </Button>
      </div>
      {writing.phase === 'failed' && (
        <p role="alert" className={styles.quiet}>
          {t('lab.failed', { error: engineErrorText(writing.error, text) })}
        </p>
      )}
      {written && (
        <dl className={styles.written}>
          <dt>{t('lab.text.baseline')}</dt>
          <dd>{written.baseline}</dd>
          {written.changed !== null && (
            <>
              <dt>{t('lab.text.changed')}</dt>
              <dd>{written.changed}</dd>
            </>
          )}
        </dl>
      )}
    </Panel>
  );
}
