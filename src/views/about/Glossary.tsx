// The words of the page, one sentence each.
import { useText } from '../../components/TextContext';
import styles from './About.module.css';

const TERMS = [
  'token',
  'expert',
  'shared',
  'router',
  'bias',
  'load',
  'maxvio',
  'dead',
  'collapse',
  'biaschanged',
  'gamma',
  'loss',
  'baselines',
  'clip',
  'step',
  'shard',
] as const;

export function Glossary() {
  const { t } = useText();
  return (
    <dl className={styles.terms}>
      {TERMS.map((term) => (
        <div key={term}>
          <dt>{t(`about.term.${term}`)}</dt>
          <dd>{t(`about.term.${term}.means`)}</dd>
        </div>
      ))}
    </dl>
  );
}
