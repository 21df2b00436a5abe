// The theme in force, for what draws its own pixels. Colours of a canvas come from the same custom properties as the rest.
import { useSyncExternalStore } from 'react';
import type { Theme } from './color';

function subscribe(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}

const current = (): Theme => (document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light');

/** The theme in force; re-renders when it changes. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, current);
}

/** Colours by theme and name: drawing asks for them at every step, and asking the page makes it compute all its styles. */
const resolved = new Map<string, string>();

/** Value of a custom property (`'--text-2'`), or of a `var(--…)`, as a canvas understands it; other colours pass. */
export function resolveColor(color: string): string {
  const name = /^(?:var\()?(--[\w-]+)\)?$/.exec(color)?.[1];
  if (!name) return color;
  const key = `${current()} ${name}`;
  const known = resolved.get(key);
  if (known !== undefined) return known;
  const value = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  // Before the style sheet is there a property is empty.
  if (value) resolved.set(key, value);
  return value;
}
