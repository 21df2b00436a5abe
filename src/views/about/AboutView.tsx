// What the model is, which text it learns from and under which licences, what the words mean, what browsers do.
import { useText } from '../../components/TextContext';
import type { TextKey } from '../../text/catalogue';
import styles from './About.module.css';
import { Browsers } from './Browsers';
import { Glossary } from './Glossary';
import { CorpusSources } from './CorpusSources';

const SECTIONS: readonly { readonly id: string; readonly title: TextKey }[] = [
  { id: 'model', title: 'about.model.title' },
  { id: 'balance', title: 'about.balance.title' },
  { id: 'text', title: 'about.text.title' },
  { id: 'terms', title: 'about.terms.title' },
  { id: 'browsers', title: 'about.browsers.title' },
  { id: 'software', title: 'about.software.title' },
];

export default function AboutView() {
  const { t } = useText();
  return (
    <div className={styles.about}>
      <nav className={styles.contents} aria-label={t('about.contents')}>
        <ul>
          {SECTIONS.map(({ id, title }) => (
            <li key={id}>
              <button type="button" onClick={() => document.getElementById(`about-${id}`)?.scrollIntoView()}>
                {t(title)}
              </button>
            </li>
          ))}
        </ul>
      </nav>
      <div className={styles.body}>
        <h1>{t('about.title')}</h1>
        <p className={styles.lead}>{t('about.lead')}</p>
        <section id="about-model">
          <h2>{t('about.model.title')}</h2>
          <p>{t('about.model.1')}</p>
          <p>{t('about.model.2')}</p>
          <p>{t('about.model.3')}</p>
        </section>
        <section id="about-balance">
          <h2>{t('about.balance.title')}</h2>
          <p>{t('about.balance.1')}</p>
          <p>{t('about.balance.2')}</p>
        </section>
        <section id="about-text">
          <h2>{t('about.text.title')}</h2>
          <p>{t('about.text.1')}</p>
          <CorpusSources />
        </section>
        <section id="about-terms">
          <h2>{t('about.terms.title')}</h2>
          <Glossary />
        </section>
        <section id="about-browsers">
          <h2>{t('about.browsers.title')}</h2>
          <Browsers />
        </section>
        <section id="about-software">
          <h2>{t('about.software.title')}</h2>
          <p>{t('about.software.body')}</p>
        </section>
      </div>
    </div>
  );
}
