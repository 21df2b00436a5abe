// Every key that does something now.
import { Fragment } from 'react';
import { Kbd } from '../components/Badge';
import { Dialog } from '../components/Dialog';
import { useShortcutGroups } from '../components/shortcuts';
import { useText } from '../components/TextContext';
import styles from './ShortcutSheet.module.css';

export function ShortcutSheet({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const { t } = useText();
  const groups = useShortcutGroups();
  return (
    <Dialog title={t('app.shortcuts')} isOpen={isOpen} onClose={onClose}>
      {groups.map(({ title, shortcuts }) => (
        <section key={title} className={styles.group}>
          <h3>{title}</h3>
          <dl className={styles.keys}>
            {shortcuts.map(({ key, label }) => (
              <Fragment key={key}>
                <dt>
                  <Kbd>{key.length === 1 ? key.toUpperCase() : key}</Kbd>
                </dt>
                <dd>{label}</dd>
              </Fragment>
            ))}
            {title === t('app.shortcuts.general') && (
              <>
                <dt>
                  <Kbd>←</Kbd> <Kbd>→</Kbd> <Kbd>↑</Kbd> <Kbd>↓</Kbd>
                </dt>
                <dd>{t('app.shortcut.cells')}</dd>
                <dt>
                  <Kbd>Esc</Kbd>
                </dt>
                <dd>{t('app.shortcut.escape')}</dd>
              </>
            )}
          </dl>
        </section>
      ))}
      <p className={styles.note}>{t('app.shortcuts.note')}</p>
    </Dialog>
  );
}
