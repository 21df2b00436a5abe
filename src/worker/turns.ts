// Some work must not overlap: starting a backend and making a run. The newest request is the one that is wanted.
import { err, type Result } from '../core/result';
import type { EngineError } from '../protocol/errors';

export class Turns {
  private last: Promise<unknown> = Promise.resolve();
  private newest: AbortController | null = null;

  /**
   * Runs `work` once all earlier work has ended, which is asked to stop early: it then ends with code 'cancelled'.
   * @param asked aborts when the request itself is cancelled
   * @param work gets a signal that aborts on both occasions
   */
  take<T>(asked: AbortSignal, work: (signal: AbortSignal) => Promise<Result<T, EngineError>>): Promise<Result<T, EngineError>> {
    this.newest?.abort();
    const controller = new AbortController();
    this.newest = controller;
    const abort = () => controller.abort();
    asked.addEventListener('abort', abort, { once: true });
    if (asked.aborted) abort();
    const { signal } = controller;
    const turn = this.last
      .then(() => (signal.aborted ? err<EngineError>({ code: 'cancelled' }) : work(signal)))
      .finally(() => asked.removeEventListener('abort', abort));
    this.last = turn.catch(() => undefined);
    return turn;
  }
}
