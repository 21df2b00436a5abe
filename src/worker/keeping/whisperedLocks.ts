// Run locks for addresses where the browser gives none (plain http): tabs ask each other. A tab that is gone does not answer, so its runs
// are free; a tab that computes for longer than the wait is taken for gone, which is why the browser's own locks are preferred.
import { TAKE_OVER_MS, type Hold, type Holder, type RunLocks, type Whispers } from './runLocks';

/** Between two shards a tab answers at once; this is a long shard. */
const ANSWER_MS = 600;

type Whisper =
  | { readonly kind: 'who' }
  | { readonly kind: 'mine'; readonly runId: string }
  | { readonly kind: 'yield'; readonly runId: string };

const isWhisper = (data: unknown): data is Whisper => typeof data === 'object' && data !== null && 'kind' in data;

/** @param takeOverMs how long another tab may take to save and let go */
export function createWhisperedLocks(whispers: Whispers, answerMs = ANSWER_MS, takeOverMs = TAKE_OVER_MS): RunLocks {
  const mine = new Map<string, Holder>();
  const listening = new Set<Set<string>>();
  const tell = (whisper: Whisper): void => whispers.postMessage(whisper);

  whispers.addEventListener('message', ({ data }) => {
    if (!isWhisper(data)) return;
    switch (data.kind) {
      case 'who':
        for (const runId of mine.keys()) tell({ kind: 'mine', runId });
        return;
      case 'mine':
        for (const answers of listening) answers.add(data.runId);
        return;
      case 'yield': {
        const holder = mine.get(data.runId);
        if (holder) void holder.onAsked().finally(() => mine.delete(data.runId));
        return;
      }
    }
  });

  async function others(): Promise<Set<string>> {
    const answers = new Set<string>();
    listening.add(answers);
    tell({ kind: 'who' });
    await new Promise((resolve) => setTimeout(resolve, answerMs));
    listening.delete(answers);
    return answers;
  }
  function take(runId: string, holder: Holder): Hold {
    mine.set(runId, holder);
    const release = (): Promise<void> => {
      if (mine.get(runId) === holder) mine.delete(runId);
      return Promise.resolve();
    };
    return {
      release,
      get isOver() {
        return mine.get(runId) !== holder;
      },
    };
  }

  return {
    held: async () => new Set([...(await others()), ...mine.keys()]),
    hold: async (runId, holder) => ((await others()).has(runId) ? null : take(runId, holder)),
    async takeOver(runId, holder) {
      tell({ kind: 'yield', runId });
      const tries = Math.ceil(takeOverMs / answerMs);
      for (let asked = 0; asked < tries && (await others()).has(runId); asked++);
      return take(runId, holder);
    },
  };
}
