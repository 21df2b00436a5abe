// Questions about a model that is named: it is made ready first, and what is thrown on the way is told as it is of any command.
import { err, type Result } from '../../core/result';
import type { EngineError } from '../../protocol/errors';
import type { ModelRef } from '../../protocol/modelRef';
import { failureOf } from '../failure';
import type { Subject } from './subject';

export interface ModelRoom {
  /** The model named, ready to be asked. */
  subject(model: ModelRef, signal: AbortSignal): Promise<Result<Subject, EngineError>>;
  /** Why nothing can be read from the device; null where it can. */
  lost(): EngineError | null;
}

export async function askAbout<T>(
  room: ModelRoom,
  model: ModelRef,
  signal: AbortSignal,
  ask: (subject: Subject) => Promise<Result<T, EngineError>>,
): Promise<Result<T, EngineError>> {
  const lost = room.lost();
  if (lost) return err(lost);
  try {
    const subject = await room.subject(model, signal);
    return subject.ok ? await ask(subject.value) : subject;
  } catch (thrown) {
    return err(room.lost() ?? (signal.aborted ? { code: 'cancelled' } : failureOf(thrown)));
  }
}
