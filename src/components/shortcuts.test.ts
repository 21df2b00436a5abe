import { expect, test } from 'vitest';
import { shortcutFor, type KeyPress, type ShortcutGroup } from './shortcuts';

const press = (key: string, more: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  defaultPrevented: false,
  repeat: false,
  typing: false,
  ...more,
});
const group = (title: string, ...keys: string[]): ShortcutGroup => ({
  title,
  shortcuts: keys.map((key) => ({ key, label: title, run: () => {} })),
});

test('letters count in either case', () => {
  expect(shortcutFor(press('P'), [group('train', 'p')])?.label).toBe('train');
});

test('nothing happens while one types, or with a modifier the browser may want', () => {
  for (const more of [
    { typing: true },
    { ctrlKey: true },
    { metaKey: true },
    { altKey: true },
    { defaultPrevented: true },
    { repeat: true },
  ]) {
    expect(shortcutFor(press('s', more), [group('train', 's')])).toBeNull();
  }
});

test('of two on one key the later group wins', () => {
  expect(shortcutFor(press('?'), [group('frame', '?'), group('view', '?')])?.label).toBe('view');
});
