// What the model writes, every so often and when asked, after a prompt the person can change.
import { useState } from 'react';
import { Button } from '../../components/Button';
import { TextField } from '../../components/ChoiceField';
import { Panel } from '../../components/Panel';
import { Popover } from '../../components/Popover';
import { useText } from '../../components/TextContext';
import type { SampleResult } from '../../protocol/events';
import { runStep, useRun } from '../../stores/run';
import { sampleNow, setSamplePrompt, useSamples } from '../../stores/samples';
import { engineErrorText } from './errorText';
import { useRunConfig } from './shown';
import styles from './Train.module.css';

/** Samples shown behind the newest. */
const OLDER = 8;

function Written({ sample }: { readonly sample: SampleResult }) {
  const own = sample.text.startsWith(sample.prompt) ? sample.text.slice(sample.prompt.length) : sample.text;
  return (
    <p className={styles.sample}>
      <span className={styles.samplePrompt}>{sample.prompt}</span>
      {own}
    </p>
  );
}

export function Sample() {
  const text = useText();
  const { t, integer } = text;
  const { results, prompt, asked } = useSamples();
  const canAsk = useRun(({ run }) => run.phase === 'training' || run.phase === 'paused' || run.phase === 'failed');
  const { train } = useRunConfig();
  const [draft, setDraft] = useState<string | null>(null);
  const latest = results.at(-1);
  // Followed only while there is no sample to show.
  const behind = useRun(({ run }) => (latest ? 0 : runStep(run)));
  const next = (Math.floor(behind / train.sampleEvery) + 1) * train.sampleEvery;
  const shownPrompt = draft ?? prompt ?? latest?.prompt ?? '';
  const keep = (): void => {
    if (draft !== null && draft !== prompt) setSamplePrompt(draft);
    setDraft(null);
  };
  const write = (): void => {
    keep();
    void sampleNow(shownPrompt, train.sampleTokens, train.seed, runStep(useRun.getState().run));
  };
  const older = results.slice(0, -1).slice(-OLDER).reverse();
  return (
    <Panel
      title={t('train.sample.title')}
      subtitle={latest && t('train.sample.subtitle', { step: integer(latest.step) })}
      actions={
        older.length > 0 && (
          <Popover placement="top end" trigger={<Button size="s">{t('train.sample.older')}</Button>}>
            {older.map((sample, index) => (
              <div key={index}>
                <p className={styles.quiet}>{t('train.sample.at', { step: integer(sample.step) })}</p>
                <Written sample={sample} />
              </div>
            ))}
          </Popover>
        )
      }
    >
      <div className={styles.stack}>
        {latest ? (
          <Written sample={latest} />
        ) : (
          <p className={styles.quiet}>
            {train.sampleEvery > 0
              ? t(behind > 0 ? 'train.sample.empty.next' : 'train.sample.empty', { step: integer(next) })
              : t('train.sample.never')}
          </p>
        )}
        <form
          className={styles.promptLine}
          onBlur={keep}
          onSubmit={(event) => {
            event.preventDefault();
            if (canAsk) write();
          }}
        >
          <TextField
            label={t('train.sample.prompt')}
            value={shownPrompt}
            onChange={setDraft}
            placeholder={t('train.sample.placeholder')}
          />
          <Button type="submit" isDisabled={!canAsk || asked.phase === 'writing'}>
            {t(asked.phase === 'writing' ? 'train.sample.writing' : 'train.sample.now')}
          </Button>
        </form>
        {asked.phase === 'failed' && (
          <p className={styles.quiet} role="alert">
            {t('train.sample.failed', { error: engineErrorText(asked.error, text) })}
          </p>
        )}
      </div>
    </Panel>
  );
}
