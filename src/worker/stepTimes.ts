// Where the time of steps goes, for the page that asked.
import type { StepTrace } from '../core/stepTrace';
import { memoryHeld } from '../kernels/memoryLimits';
import type { EngineEnd } from '../protocol/channel';
import type { StepTracing } from '../protocol/commands';
import type { Tracing } from '../training/stepTracer';

export const STEP_TRACINGS: readonly StepTracing[] = ['off', 'quick', 'exact'];

/** Traces that may pile up while the page is busy. */
const PILE_LIMIT = 32;

/** What a trainer is told. */
export function tracingFor(mode: StepTracing, clock: () => number): Tracing | null {
  return mode === 'off' ? null : { clock, exact: mode === 'exact' };
}

/** Tells the page of a traced step, and what the engine holds after it. */
export function tellTrace(publish: EngineEnd['publish'], runId: string, trace: StepTrace): void {
  publish('stepTraces', (waiting) => {
    const before = waiting?.runId === runId ? waiting.traces : [];
    return { runId, traces: [...before, trace].slice(-PILE_LIMIT), memory: memoryHeld() };
  });
}
