// Every failure that crosses the door has a code; the screen words it (text/), nobody matches on sentences.
import type { FieldError } from '../config/fieldError';

export type ErrorCode =
  | 'invalid-config' // fields: what is wrong with which
  | 'backend-unavailable' // detail: what the backend said
  | 'device-lost' // detail: the device's reason
  | 'corpus-missing' // the prepared corpus could not be loaded
  | 'corpus-damaged' // its hash differs from the manifest's
  | 'no-text' // the data configuration selects no text
  | 'no-run' // the command needs a run and there is none
  | 'model-unavailable' // the ModelRef names a model that is not here
  | 'non-finite-step' // detail: which quantity, at which step
  | 'out-of-memory' // detail: what is needed, and what there is
  | 'cancelled'
  | 'internal'; // detail: the message of our own mistake

export interface EngineError {
  readonly code: ErrorCode;
  readonly detail?: string;
  readonly fields?: readonly FieldError[];
}
