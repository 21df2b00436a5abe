// Keys that do something wherever the focus is, unless one types. Whoever is on the page adds its own; the sheet lists them all.
import { useEffect, useLayoutEffect, useRef, useSyncExternalStore } from 'react';

export interface Shortcut {
  /** As `KeyboardEvent.key`; letters in either case. */
  readonly key: string;
  /** What it does, in the language of the page. */
  readonly label: string;
  readonly run: () => void;
}

export interface ShortcutGroup {
  readonly title: string;
  readonly shortcuts: readonly Shortcut[];
}

let groups: readonly ShortcutGroup[] = [];
const listeners = new Set<() => void>();

function setGroups(next: readonly ShortcutGroup[]): void {
  groups = next;
  for (const listener of listeners) listener();
}

/** Adds a group; the returned function takes it away. Of two shortcuts on one key the later group wins. */
export function registerShortcuts(group: ShortcutGroup): () => void {
  setGroups([...groups, group]);
  return () => setGroups(groups.filter((known) => known !== group));
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** All groups now on the page. */
export function useShortcutGroups(): readonly ShortcutGroup[] {
  return useSyncExternalStore(subscribe, () => groups);
}

/** Holds `shortcuts` while the component is on the page. New `run` functions take effect at once; the sheet follows labels. */
export function useShortcuts(title: string, shortcuts: readonly Shortcut[]): void {
  const newest = useRef(shortcuts);
  useLayoutEffect(() => {
    newest.current = shortcuts;
  });
  const listed = JSON.stringify(shortcuts.map(({ key, label }) => [key, label]));
  useEffect(
    () =>
      registerShortcuts({
        title,
        shortcuts: newest.current.map(({ key, label }, i) => ({ key, label, run: () => newest.current[i]?.run() })),
      }),
    [title, listed],
  );
}

/** What of a keyboard event decides whether it is a shortcut. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly defaultPrevented: boolean;
  /** A key held down repeats. */
  readonly repeat: boolean;
  /** A text field, a list or a slider has the focus and takes keys itself; an input method is composing. */
  readonly typing: boolean;
}

/** The shortcut that `press` means, or null. */
export function shortcutFor(press: KeyPress, among: readonly ShortcutGroup[]): Shortcut | null {
  if (press.typing || press.ctrlKey || press.metaKey || press.altKey || press.defaultPrevented || press.repeat) return null;
  const key = press.key.toLowerCase();
  for (const group of among.toReversed()) {
    const found = group.shortcuts.find((shortcut) => shortcut.key.toLowerCase() === key);
    if (found) return found;
  }
  return null;
}

const TYPING = 'input:not([type="range"], [type="radio"], [type="checkbox"]), textarea, select, [contenteditable], [role="menu"]';

/** Listens on the page; the returned function stops. */
export function listenForShortcuts(): () => void {
  const onKeyDown = (event: KeyboardEvent) => {
    const within = (selector: string) => event.target instanceof Element && event.target.closest(selector) !== null;
    // A dialog is a question of its own; only the sheet's key works in it, so that it also closes the sheet.
    const typing = event.isComposing || within(TYPING) || (within('[role="dialog"]') && event.key !== '?');
    const { key, ctrlKey, metaKey, altKey, defaultPrevented, repeat } = event;
    const shortcut = shortcutFor({ key, ctrlKey, metaKey, altKey, defaultPrevented, repeat, typing }, groups);
    if (!shortcut) return;
    event.preventDefault();
    shortcut.run();
  };
  document.addEventListener('keydown', onKeyDown);
  return () => document.removeEventListener('keydown', onKeyDown);
}
