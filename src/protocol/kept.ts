// Runs that the browser keeps, and what comes back with one that is gone on with.
import type { LoggedChange, RunConfig } from '../config/trainConfig';
import type { RunIdentity, RunParent } from '../checkpoint/runState';
import type { RunInfo } from './commands';
import type { EngineError } from './errors';
import type { Baselines, SampleResult, StepRouting, StepScalars, ValidationResult } from './events';

/** Where runs are kept: the origin's private files, a database, or nowhere, because the browser gives no room. */
export type StoragePlace = 'files' | 'database' | 'nowhere';

export interface KeptRun {
  readonly runId: string;
  readonly name: string;
  /** Steps finished when it was saved. */
  readonly step: number;
  /** Milliseconds since 1970; NaN where that is not known. */
  readonly savedAt: number;
  readonly backend: string;
  /** The run it branched off from; left out: none. */
  readonly parent?: RunParent;
  /** Another tab has it open. */
  readonly isElsewhere: boolean;
  /** A person wants it kept: it never gives way to another run. */
  readonly isPinned: boolean;
  /** Training loss of its newest step, nats a token; left out: not known. */
  readonly loss?: number;
  /** What its copies and moments take; left out: not known. */
  readonly bytes?: number;
}

/** A kept run that had to give way to another. */
export type LetGo = Pick<KeptRun, 'runId' | 'name' | 'step'>;

export interface KeptRuns {
  readonly place: StoragePlace;
  /** The one saved last comes first. */
  readonly runs: readonly KeptRun[];
  /** Those that give way to the next new run, as things stand. */
  readonly next: readonly LetGo[];
  /** Why nothing can be kept, or what could not be read. */
  readonly error: EngineError | null;
}

/** What routing adds to a step's scalars; NaN for a dense model. */
export interface StepBalance {
  readonly maxVio: number; // mean of the layers
  readonly biasChangedShare: number; // mean of the layers
}

/** What a run has told so far. */
export interface RunHistory {
  readonly scalars: readonly StepScalars[];
  /** One for each of `scalars`. */
  readonly balance: readonly StepBalance[];
  /** Of the last steps only. */
  readonly routing: readonly StepRouting[];
  readonly validation: readonly ValidationResult[];
  readonly samples: readonly SampleResult[];
  readonly baselines: Baselines | null;
}

export interface ResumedRun {
  readonly info: RunInfo;
  /** Steps finished. */
  readonly step: number;
  /** As it stands after the live changes. */
  readonly config: RunConfig;
  readonly changes: readonly LoggedChange[];
  readonly history: RunHistory;
  /** What is not as it was when the run was saved: its last bits may differ from an uninterrupted run's. */
  readonly differs: readonly (keyof RunIdentity)[];
  /** What is wrong with a newer copy, which could not be read; null: there is none. */
  readonly passedOver: string | null;
}

/** How the current run is kept. */
export interface Keeping {
  readonly runId: string;
  /** The step of the newest safety copy; null before the first. */
  readonly saved: number | null;
  /** Why the newest copy could not be written. Training goes on. */
  readonly error: EngineError | null;
}
