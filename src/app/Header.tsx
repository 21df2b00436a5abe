// 48 px: name, views, the model in hand, what computes, then the page's own settings.
import { IconButton } from '../components/Button';
import { Menu } from '../components/Menu';
import { notify } from '../components/Notice';
import { useText } from '../components/TextContext';
import { setLanguage, setTheme, THEME_CHOICES, useSettings } from '../stores/settings';
import { LANGUAGES } from '../text/language';
import { BackendMenu } from '../views/train/BackendMenu';
import styles from './Header.module.css';
import { Logo } from './Logo';
import { ModelStatus } from './ModelStatus';
import { currentLink } from './usePlace';
import { VIEWS, type ViewId } from './views';

interface HeaderProps {
  readonly view: ViewId;
  readonly onOpen: (view: ViewId) => void;
  readonly onSheet: () => void;
}

const THEME_ICON = { light: 'sun', dark: 'moon', system: 'screen' } as const;

export function Header({ view, onOpen, onSheet }: HeaderProps) {
  const { t } = useText();
  const { theme, language } = useSettings();
  const share = async () => {
    const link = currentLink(view);
    history.replaceState(null, '', link);
    const copied = await navigator.clipboard.writeText(link).then(
      () => true,
      () => false,
    );
    notify(copied ? { tone: 'good', title: t('app.share.copied') } : { tone: 'caution', title: t('app.share.failed') });
  };
  return (
    <header className={styles.header}>
      <span className={styles.name}>
        <Logo />
        {t('app.name')}
      </span>
      <nav className={styles.nav} aria-label={t('app.nav')}>
        {VIEWS.map(({ id, label }) => (
          <a
            key={id}
            href={`#${id}`}
            className={styles.view}
            aria-current={id === view ? 'page' : undefined}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              onOpen(id);
            }}
          >
            {t(label)}
          </a>
        ))}
      </nav>
      <div className={styles.model}>
        <ModelStatus />
      </div>
      <div className={styles.backend}>
        <BackendMenu />
      </div>
      <div className={styles.settings}>
        <IconButton icon="link" label={t('app.share')} onPress={() => void share()} />
        <Menu
          label={t('app.language')}
          trigger={<IconButton icon="language" label={t('app.language')} />}
          entries={LANGUAGES.map((id) => ({ id, label: t(`app.language.${id}`) }))}
          selected={language}
          onAction={(id) => {
            const chosen = LANGUAGES.find((known) => known === id);
            if (chosen) setLanguage(chosen);
          }}
        />
        <Menu
          label={t('app.theme')}
          trigger={<IconButton icon={THEME_ICON[theme]} label={t('app.theme')} />}
          entries={THEME_CHOICES.map((id) => ({ id, label: t(`app.theme.${id}`), icon: THEME_ICON[id] }))}
          selected={theme}
          onAction={(id) => {
            const chosen = THEME_CHOICES.find((known) => known === id);
            if (chosen) setTheme(chosen);
          }}
        />
        <IconButton icon="keyboard" label={t('app.shortcuts')} shortcut="?" onPress={onSheet} />
      </div>
    </header>
  );
}
