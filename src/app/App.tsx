// The frame: header, the view the address names, notices, and what to do when a view fails.
import { Suspense, useCallback, useEffect, useState } from 'react';
import { NoticeRegion } from '../components/Notice';
import { listenForShortcuts, useShortcuts } from '../components/shortcuts';
import { LanguageProvider, useText } from '../components/TextContext';
import { useSettings } from '../stores/settings';
import styles from './App.module.css';
import { ErrorBoundary } from './ErrorBoundary';
import { Header } from './Header';
import { KeptOffer } from './KeptOffer';
import { LetGo } from './LetGo';
import { Recovery } from './Recovery';
import { ShortcutSheet } from './ShortcutSheet';
import { useAppearance } from './useAppearance';
import { usePlace } from './usePlace';
import { VIEWS } from './views';

export function App() {
  const language = useSettings((state) => state.language);
  useAppearance();
  return (
    <LanguageProvider language={language}>
      <Frame />
      <NoticeRegion />
    </LanguageProvider>
  );
}

function Frame() {
  const { t } = useText();
  const [sheetOpen, setSheetOpen] = useState(false);
  const { view, open } = usePlace();
  const current = VIEWS.find(({ id }) => id === view) ?? VIEWS[0]!;
  const label = t(current.label);
  const closeSheet = useCallback(() => setSheetOpen(false), []);

  useEffect(listenForShortcuts, []);
  useShortcuts(t('app.shortcuts.general'), [
    { key: '?', label: t('app.shortcut.sheet'), run: () => setSheetOpen((isOpen) => !isOpen) },
    ...VIEWS.map(({ id, label: name }, i) => ({
      key: String(i + 1),
      label: t('app.shortcut.view', { view: t(name) }),
      run: () => open(id),
    })),
  ]);
  useEffect(() => {
    document.title = t('app.title', { view: label });
  }, [t, label]);

  return (
    <>
      <a className={styles.skip} href="#content" onClick={skipTo}>
        {t('app.skip')}
      </a>
      <Header view={current.id} onOpen={open} onSheet={() => setSheetOpen(true)} />
      <main id="content" tabIndex={-1} className={styles.main}>
        <Recovery>
          <LetGo />
          {current.id !== 'train' && current.asksModel && <KeptOffer />}
        </Recovery>
        <ErrorBoundary key={current.id}>
          <Suspense fallback={<Opening label={t('app.loading.view', { view: label })} />}>
            <current.Content />
          </Suspense>
        </ErrorBoundary>
      </main>
      <ShortcutSheet isOpen={sheetOpen} onClose={closeSheet} />
    </>
  );
}

/** The address bar belongs to the view: the skip link moves the focus without it. */
function skipTo(event: React.MouseEvent): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

function Opening({ label }: { readonly label: string }) {
  return (
    <p className={styles.opening} role="status">
      {label}
    </p>
  );
}
