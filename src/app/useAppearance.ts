// Writes theme and language to the document, and follows the system's theme where the person does.
import { useEffect } from 'react';
import { useSettings } from '../stores/settings';
import { LOCALE } from '../text/language';

export function useAppearance(): void {
  const { theme, language } = useSettings();
  useEffect(() => {
    const system = matchMedia('(prefers-color-scheme: dark)');
    const apply = () => {
      document.documentElement.dataset.theme = theme === 'system' ? (system.matches ? 'dark' : 'light') : theme;
    };
    apply();
    if (theme !== 'system') return;
    system.addEventListener('change', apply);
    return () => system.removeEventListener('change', apply);
  }, [theme]);
  useEffect(() => {
    document.documentElement.lang = LOCALE[language];
  }, [language]);
}
