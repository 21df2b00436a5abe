// What computes in which browser.
import { useText } from '../../components/TextContext';
import styles from './About.module.css';

const BROWSERS = ['chromium', 'firefox', 'safari'] as const;

export function Browsers() {
  const { t } = useText();
  return (
    <>
      <table className={styles.table}>
        <caption className={styles.spoken}>{t('about.browsers.caption')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('about.browsers.browser')}</th>
            <th scope="col">{t('about.browsers.does')}</th>
          </tr>
        </thead>
        <tbody>
          {BROWSERS.map((browser) => (
            <tr key={browser}>
              <th scope="row">{t(`about.browsers.${browser}`)}</th>
              <td>{t(`about.browsers.${browser}.does`)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>{t('about.browsers.note')}</p>
    </>
  );
}
