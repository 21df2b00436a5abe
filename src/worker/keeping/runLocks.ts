// One writer a run across tabs: whoever saves a run holds its lock, and the browser frees the lock of a tab that is gone.

export interface Hold {
  /** The run is this tab's no more: it was given back, asked for or taken. */
  readonly isOver: boolean;
  /** Lets others have the run; resolves when they can. */
  release(): Promise<void>;
}

/** What the holder of a run is told. */
export interface Holder {
  /** Another tab asks for the run: save what is to be saved, then resolve; the lock is released after that. */
  onAsked(): Promise<void>;
  /** Another tab has taken the run without waiting any longer: it must not be written any more. */
  onTaken(): void;
}

export interface RunLocks {
  /** Ids of the runs that any tab holds, this one included. */
  held(): Promise<ReadonlySet<string>>;
  /** null: another tab holds it. */
  hold(runId: string, holder: Holder): Promise<Hold | null>;
  /** Asks the tab that holds it to let go, and takes it by force where that does not happen in time. */
  takeOver(runId: string, holder: Holder): Promise<Hold>;
}

/** What is needed of a BroadcastChannel. */
export interface Whispers {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

/** Long enough for a step and a save on a slow machine; a tab that is frozen in the background never answers. */
export const TAKE_OVER_MS = 8000;
const PREFIX = 'switchyard.run.';

/** Over the browser's own locks. @param whispers a channel that all tabs listen to */
export function createWebRunLocks(
  locks: Pick<LockManager, 'request' | 'query'>,
  whispers: Whispers,
  takeOverMs: number = TAKE_OVER_MS,
): RunLocks {
  const holders = new Map<string, { readonly holder: Holder; readonly hold: Hold }>();

  whispers.addEventListener('message', ({ data }) => {
    const mine = typeof data === 'string' ? holders.get(data) : undefined;
    if (mine) void mine.holder.onAsked().finally(() => mine.hold.release());
  });

  function request(runId: string, options: LockOptions, holder: Holder): Promise<Hold | null> {
    return new Promise((resolve, reject) => {
      let isOver = false;
      let isGranted = false;
      const settled = locks
        .request(PREFIX + runId, options, (lock) => {
          if (!lock) return resolve(null);
          isGranted = true;
          return new Promise<void>((free) => {
            const release = async (): Promise<void> => {
              isOver = true;
              if (holders.get(runId)?.hold === hold) holders.delete(runId);
              free();
              await settled;
            };
            const hold: Hold = {
              release,
              get isOver() {
                return isOver;
              },
            };
            holders.set(runId, { holder, hold });
            resolve(hold);
          });
        })
        .catch((thrown: unknown) => {
          // A request that was granted fails only when another steals the lock.
          if (!isGranted) return reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
          if (isOver) return;
          isOver = true;
          holders.delete(runId);
          holder.onTaken();
        })
        .then(() => undefined);
    });
  }

  return {
    async held() {
      const { held = [] } = await locks.query();
      return new Set(held.flatMap(({ name }) => (name?.startsWith(PREFIX) ? name.slice(PREFIX.length) : [])));
    },
    hold: (runId, holder) => request(runId, { ifAvailable: true }, holder),
    async takeOver(runId, holder) {
      whispers.postMessage(runId);
      const signal = AbortSignal.timeout(takeOverMs);
      const hold = await request(runId, { signal }, holder).catch((thrown: unknown) => {
        if (signal.aborted) return null;
        throw thrown;
      });
      return hold ?? (await request(runId, { steal: true }, holder))!;
    },
  };
}
