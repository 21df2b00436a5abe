// Every failure that crosses the door has a code; the screen words it (text/), nobody matches on sentences.
import type { FieldError } from '../config/fieldError';

export type ErrorCode =
  | 'invalid-config' // fields: what is wrong with which
  | 'invalid-question' // fields: what of a prompt, its interventions or a sweep cannot be
  | 'backend-unavailable' // detail: what the backend said
  | 'engine-crashed' // the worker that computes has ended; detail: what is known of why
  | 'device-lost' // detail: the device's reason
  | 'corpus-missing' // the prepared corpus could not be loaded
  | 'corpus-damaged' // its hash differs from the manifest's
  | 'no-text' // the data configuration selects no text
  | 'no-run' // the command needs a run and there is none
  | 'model-unavailable' // the ModelRef names a model that is not here
  | 'non-finite-step' // detail: which quantity, at which step
  | 'out-of-memory' // detail: what is needed, and what there is
  | 'storage-full' // the browser gives no more room; detail: what it said
  | 'storage-denied' // the browser gives no storage at all; detail: what it said
  | 'storage-failed' // detail: what the storage said
  | 'storage-stuck' // a copy under way does not end; detail: step of the newest there is
  | 'storage-damaged' // what was kept cannot be read; detail: what is wrong
  | 'run-elsewhere' // another tab has the run
  | 'run-unreadable' // a file that is no run state; detail: the offence
  | 'run-other-text' // the run learned from another text or tokenizer; detail: the checksums
  | 'checkpoint-unreadable' // files that are no dots1 checkpoint; detail: file and offence; fields: of its config.json
  | 'checkpoint-unwritable' // the model cannot be said in the published format; detail: why
  | 'cancelled'
  | 'internal'; // detail: the message of our own mistake

export interface EngineError {
  readonly code: ErrorCode;
  readonly detail?: string;
  readonly fields?: readonly FieldError[];
}
