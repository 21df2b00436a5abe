// A model that was taken in: what it is, what it makes of the held-out text, what it writes.
import { useState } from 'react';
import { Figure, FigureList } from '../../components/Badge';
import { Button } from '../../components/Button';
import { TextField } from '../../components/ChoiceField';
import { DataTable } from '../../components/DataTable';
import { Dialog } from '../../components/Dialog';
import { Disclosure } from '../../components/Disclosure';
import { Notice } from '../../components/Notice';
import { ProgressBar } from '../../components/Progress';
import { useText } from '../../components/TextContext';
import type { ImportedModel } from '../../protocol/exchange';
import { cancelExchange, canRead, useExchange, writeOn } from '../../stores/exchange';
import { engineErrorText } from '../train/errorText';
import styles from './Exchange.module.css';
import { shareOf } from './progress';

interface ImportedProps {
  readonly imported: ImportedModel;
}

export function ImportedDialog({ imported, onClose }: ImportedProps & { readonly onClose: () => void }) {
  const { t } = useText();
  const { tokenizer, nonFinite } = imported;
  return (
    <Dialog title={t('exchange.imported.title')} isOpen onClose={onClose}>
      <div className={styles.stack}>
        <Facts imported={imported} />
        {nonFinite.length > 0 && (
          <Notice tone="caution" title={t('exchange.nonfinite.title')}>
            {t('exchange.nonfinite.body', { names: nonFinite.map(({ name, count }) => `${name} (${count})`).join(', ') })}
          </Notice>
        )}
        {tokenizer.kind === 'same' && <Loss />}
        {tokenizer.kind === 'own' && <p className={styles.note}>{t('exchange.tokenizer.own.note')}</p>}
        {tokenizer.kind === 'none' && <p className={styles.note}>{t('exchange.tokenizer.none.note')}</p>}
        {tokenizer.kind === 'unreadable' && (
          <p className={styles.note}>{t('exchange.tokenizer.unreadable.note', { detail: tokenizer.detail })}</p>
        )}
        {canRead(imported) && <Writing />}
      </div>
    </Dialog>
  );
}

function Facts({ imported: { config, size, storedAs, bytes: weights, tokenizer } }: ImportedProps) {
  const { t, compact, integer, bytes } = useText();
  const { nRoutedExperts, numExpertsPerTok, nSharedExperts } = config;
  const experts =
    nRoutedExperts > 0
      ? t('exchange.imported.experts.of', { chosen: numExpertsPerTok, experts: nRoutedExperts, shared: nSharedExperts })
      : t('exchange.imported.experts.none');
  return (
    <FigureList>
      <Figure label={t('exchange.imported.parameters')} value={compact(size.totalParameters)} />
      <Figure label={t('exchange.imported.active')} value={compact(size.activeParameters)} />
      <Figure label={t('exchange.imported.shape')} value={`${config.numHiddenLayers} × ${config.hiddenSize}`} />
      <Figure label={t('exchange.imported.experts')} value={experts} />
      <Figure label={t('exchange.imported.vocabulary')} value={integer(config.vocabSize)} />
      <Figure label={t('exchange.imported.stored')} value={storedAs.join(', ')} />
      <Figure label={t('exchange.imported.bytes')} value={bytes(weights)} />
      <Figure label={t('exchange.imported.tokenizer')} value={t(`exchange.tokenizer.${tokenizer.kind}`)} />
    </FigureList>
  );
}

function Loss() {
  const text = useText();
  const { t, fixed, integer, domain } = text;
  const { measuring, measured } = useExchange();
  return (
    <section className={styles.stack} aria-label={t('exchange.loss')}>
      <h3 className={styles.label}>{t('exchange.loss')}</h3>
      {measuring.phase === 'working' && (
        <ProgressBar
          label={t('exchange.loss.measuring')}
          share={shareOf(measuring.progress)}
          onCancel={() => cancelExchange('measuring')}
        />
      )}
      {measuring.phase === 'failed' && (
        <Notice tone="danger" title={t('exchange.loss.problem')}>
          {engineErrorText(measuring.error, text)}
        </Notice>
      )}
      {measured && (
        <>
          <p>
            {t('exchange.loss.result', {
              loss: fixed(measured.result.overall.nats, 3),
              tokens: integer(measured.result.overall.tokens),
            })}
          </p>
          <p className={styles.note}>
            {t('exchange.loss.baselines', {
              unigram: fixed(measured.baselines.unigramCross, 3),
              bigram: fixed(measured.baselines.bigram, 3),
            })}
          </p>
          <Disclosure title={t('exchange.loss.domains')} level={4}>
            <DataTable
              table={{
                caption: t('exchange.loss.domains'),
                columns: [t('exchange.loss.domain'), t('exchange.loss.nats')],
                rows: measured.result.domains.map(({ domain: id, language, nats }) => [`${domain(id)} (${language})`, nats]),
              }}
            />
          </Disclosure>
        </>
      )}
    </section>
  );
}

function Writing() {
  const text = useText();
  const { t } = text;
  const { writing, written } = useExchange();
  const [prompt, setPrompt] = useState(t('exchange.prompt.first'));
  return (
    <section className={styles.stack} aria-label={t('exchange.sample')}>
      <h3 className={styles.label}>{t('exchange.sample')}</h3>
      <form
        className={styles.promptLine}
        onSubmit={(event) => {
          event.preventDefault();
          void writeOn(prompt);
        }}
      >
        <TextField label={t('exchange.prompt')} value={prompt} onChange={setPrompt} />
        <Button type="submit">{t('exchange.write')}</Button>
      </form>
      {writing.phase === 'failed' && (
        <Notice tone="danger" title={t('exchange.sample.problem')}>
          {engineErrorText(writing.error, text)}
        </Notice>
      )}
      {written && <p className={styles.written}>{written}</p>}
    </section>
  );
}
