// The sources of the training text with their licences, as the loaded corpus names them.
import { Button } from '../../components/Button';
import { Notice } from '../../components/Notice';
import { EmptyState } from '../../components/States';
import { useText } from '../../components/TextContext';
import type { CorpusInfo } from '../../data/corpus';
import { bootEngine } from '../../stores/connect';
import { loadCorpus, useCorpus } from '../../stores/corpus';
import { useEngine } from '../../stores/engine';
import styles from './About.module.css';

/** Loads the corpus, starting the engine that reads it where none is running. */
function load(): void {
  void (useEngine.getState().engine.phase === 'ready' ? loadCorpus() : bootEngine());
}

export function CorpusSources() {
  const { t, loose } = useText();
  const corpus = useCorpus((state) => state.corpus);
  switch (corpus.phase) {
    case 'ready':
      return <SourceTable info={corpus.info} />;
    case 'failed':
      return (
        <Notice
          tone="danger"
          title={t('about.text.failed')}
          actions={<Button onPress={load}>{t('about.text.waiting.action')}</Button>}
        >
          {loose(`error.code.${corpus.error.code}`, { detail: corpus.error.detail ?? '' })}
        </Notice>
      );
    case 'none':
    case 'loading':
      return (
        <EmptyState
          icon="table"
          title={t('about.text.waiting.title')}
          action={
            <Button onPress={load} isDisabled={corpus.phase === 'loading'}>
              {t('about.text.waiting.action')}
            </Button>
          }
        >
          {t('about.text.waiting.body')}
        </EmptyState>
      );
  }
}

function SourceTable({ info }: { readonly info: CorpusInfo }) {
  const { t, domain, integer, bytes } = useText();
  return (
    <>
      <p>
        {t(info.variant === 'full' ? 'about.text.full' : 'about.text.small')}{' '}
        {t('about.text.amounts', {
          training: integer(info.trainingDocuments),
          validation: integer(info.validationDocuments),
          zh: bytes(info.bytes.zh),
          en: bytes(info.bytes.en),
          none: bytes(info.bytes.none),
        })}
      </p>
      <div className={styles.scroll} tabIndex={0} role="region" aria-label={t('about.text.caption')}>
        <table className={styles.table}>
          <caption className={styles.spoken}>{t('about.text.caption')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('about.source.title')}</th>
              <th scope="col">{t('about.source.domain')}</th>
              <th scope="col">{t('about.source.language')}</th>
              <th scope="col" className={styles.number}>
                {t('about.source.documents')}
              </th>
              <th scope="col" className={styles.number}>
                {t('about.source.bytes')}
              </th>
              <th scope="col">{t('about.source.licence')}</th>
            </tr>
          </thead>
          <tbody>
            {info.sources.map((source) => (
              <tr key={source.id}>
                <th scope="row">
                  {source.title}
                  <span className={styles.origin}>
                    {source.origin}
                    {source.parallel && ` · ${t('about.source.parallel', { name: source.parallel })}`}
                  </span>
                </th>
                <td>{domain(source.domain)}</td>
                <td>{t(`about.language.${source.language}`)}</td>
                <td className={styles.number}>{integer(source.documents)}</td>
                <td className={styles.number}>{bytes(source.bytes)}</td>
                <td>{source.licence}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
