// A fault on purpose, as `?debug=` plans it: the engine strikes once, so that anybody can see that nothing is lost.
import { err, ok, type Result } from '../core/result';

export const FAULT_KINDS = [
  'lose-device', // destroys the graphics device; waits where the backend has none
  'throw', // a mistake of our own
  'out-of-memory', // an allocation that fails
  'crash', // the worker throws outside of everything
  'close', // the worker ends without a word
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export const FAULT_PHASES = [
  'idle', // a run that rests
  'forward',
  'backward',
  'optimizer', // weights are updated, and the step has told nothing yet
  'saving', // a state is written, and does not count yet
  'generating', // a token was made
] as const;
export type FaultPhase = (typeof FAULT_PHASES)[number];

export interface FaultPlan {
  readonly kind: FaultKind;
  readonly phase: FaultPhase;
  /** At this step or the first after it. In forward, backward and optimizer: the step under way, 1 is the first; else: steps finished. */
  readonly step: number;
}

/** What of a plan cannot be read. */
export type FaultOffence = 'form' | 'kind' | 'phase' | 'step';

/** Reads `kind:phase:step`. */
export function parseFault(text: string): Result<FaultPlan, FaultOffence> {
  const parts = text.split(':');
  if (parts.length !== 3) return err('form');
  const kind = FAULT_KINDS.find((known) => known === parts[0]);
  if (!kind) return err('kind');
  const phase = FAULT_PHASES.find((known) => known === parts[1]);
  if (!phase) return err('phase');
  return /^\d{1,6}$/.test(parts[2]!) ? ok({ kind, phase, step: Number(parts[2]) }) : err('step');
}
