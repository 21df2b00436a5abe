// Theme and language, kept by the browser. public/theme-boot.js reads the same record before the first paint.
import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { LANGUAGES, preferredLanguage, type Language } from '../text/language';

export type ThemeChoice = 'light' | 'dark' | 'system';
export const THEME_CHOICES: readonly ThemeChoice[] = ['light', 'dark', 'system'];

export interface SettingsState {
  readonly theme: ThemeChoice;
  readonly language: Language;
}

function initial(): SettingsState {
  return { theme: 'system', language: preferredLanguage(globalThis.navigator?.languages ?? []) };
}

/** What a stored record says, unknown values left out. */
export function readSettings(stored: unknown): Partial<SettingsState> {
  if (typeof stored !== 'object' || stored === null) return {};
  const { theme, language } = stored as Readonly<Record<string, unknown>>;
  const knownTheme = THEME_CHOICES.find((choice) => choice === theme);
  const knownLanguage = LANGUAGES.find((choice) => choice === language);
  return { ...(knownTheme && { theme: knownTheme }), ...(knownLanguage && { language: knownLanguage }) };
}

export const useSettings = create<SettingsState>()(
  persist(initial, {
    name: 'switchyard.settings',
    version: 1,
    migrate: (stored) => ({ ...initial(), ...readSettings(stored) }),
    merge: (stored, current) => ({ ...current, ...readSettings(stored) }),
  }),
);

export function setTheme(theme: ThemeChoice): void {
  useSettings.setState({ theme });
}

export function setLanguage(language: Language): void {
  useSettings.setState({ language });
}
