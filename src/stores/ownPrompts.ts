// Prompts a person keeps: named, and remembered by the browser between visits.
import { create } from 'zustand';
import { createJSONStorage, persist, type StateStorage } from 'zustand/middleware';

export interface OwnPrompt {
  readonly id: string;
  readonly name: string;
  readonly text: string;
}

export interface OwnPromptsState {
  /** The newest last. */
  readonly prompts: readonly OwnPrompt[];
}

const RECORD = 'switchyard.prompts';
const MOST_PROMPTS = 500;
/** Longer than any context here. */
const LONGEST_TEXT = 20_000;
const LONGEST_NAME = 80;

/** Whether the browser took the newest change; apart from the record, which it would change again. */
export const useIsKept = create<{ readonly isKept: boolean }>(() => ({ isKept: true }));

/** The browser may be full, or deny it: then prompts last as long as the page. */
const storage: StateStorage = {
  getItem: (name) => localStorage.getItem(name),
  removeItem: (name) => localStorage.removeItem(name),
  setItem: (name, value) => {
    let isKept = true;
    try {
      localStorage.setItem(name, value);
    } catch {
      isKept = false;
    }
    if (useIsKept.getState().isKept !== isKept) useIsKept.setState({ isKept });
  },
};

/** What of a stored record are prompts; everything else in it is left out. */
export function readOwnPrompts(stored: unknown): OwnPrompt[] {
  const found = typeof stored === 'object' && stored !== null && 'prompts' in stored ? stored.prompts : null;
  const read: OwnPrompt[] = [];
  for (const one of Array.isArray(found) ? (found as readonly unknown[]) : []) {
    if (typeof one !== 'object' || one === null) continue;
    const { id, name, text } = one as Readonly<Record<string, unknown>>;
    if (typeof id !== 'string' || typeof name !== 'string' || typeof text !== 'string') continue;
    if (read.length === MOST_PROMPTS || text.length > LONGEST_TEXT || read.some((other) => other.id === id)) continue;
    read.push({ id, name: name.slice(0, LONGEST_NAME), text });
  }
  return read;
}

export const useOwnPrompts = create<OwnPromptsState>()(
  persist((): OwnPromptsState => ({ prompts: [] }), {
    name: RECORD,
    version: 1,
    storage: createJSONStorage(() => storage),
    merge: (stored) => ({ prompts: readOwnPrompts(stored) }),
  }),
);

// Another tab may keep one meanwhile: written over, it would be lost.
globalThis.addEventListener?.('storage', ({ key }) => {
  if (key === RECORD) void useOwnPrompts.persist.rehydrate();
});

/** False where there are as many as are kept, or the text is empty or too long. */
export function addPrompt(name: string, text: string): boolean {
  const { prompts } = useOwnPrompts.getState();
  if (text.trim() === '' || text.length > LONGEST_TEXT || prompts.length >= MOST_PROMPTS) return false;
  const id = String(1 + prompts.reduce((most, one) => Math.max(most, Number(one.id) || 0), 0));
  useOwnPrompts.setState({ prompts: [...prompts, { id, name: tidyName(name, text), text }] });
  return true;
}

/** An empty name becomes the beginning of the text. */
export function renamePrompt(id: string, name: string): void {
  useOwnPrompts.setState(({ prompts }) => ({
    prompts: prompts.map((one) => (one.id === id ? { ...one, name: tidyName(name, one.text) } : one)),
  }));
}

export function deletePrompt(id: string): void {
  useOwnPrompts.setState(({ prompts }) => ({ prompts: prompts.filter((one) => one.id !== id) }));
}

const tidyName = (name: string, text: string): string => [...(name.trim() || text.trim())].slice(0, LONGEST_NAME).join('');
