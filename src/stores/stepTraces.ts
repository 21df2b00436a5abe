// Where the time of the last steps went. The engine measures only while somebody looks.
import { create } from 'zustand';
import type { StepTrace } from '../core/stepTrace';
import type { StepTracing } from '../protocol/commands';
import type { EngineMemory, Topics } from '../protocol/events';
import { request, useEngine } from './engine';

/** Steps whose traces are kept. */
export const TRACED_STEPS = 32;

export interface StepTracesState {
  readonly mode: StepTracing;
  /** Oldest first. */
  readonly traces: readonly StepTrace[];
  /** After the newest traced step. */
  readonly memory: EngineMemory | null;
}

export const useStepTraces = create<StepTracesState>(() => ({ mode: 'off', traces: [], memory: null }));

/** Has steps traced, or not, from the next one on. */
export async function setStepTracing(mode: StepTracing): Promise<void> {
  useStepTraces.setState({ mode });
  await repeatStepTracing();
}

/** Tells an engine that has just started what is wanted. */
export async function repeatStepTracing(): Promise<void> {
  if (useEngine.getState().engine.phase === 'ready') await request({ kind: 'traceSteps', mode: useStepTraces.getState().mode });
}

export function receiveStepTraces({ traces, memory }: Topics['stepTraces']): void {
  useStepTraces.setState((state) => ({ traces: [...state.traces, ...traces].slice(-TRACED_STEPS), memory }));
}

export function clearStepTraces(): void {
  useStepTraces.setState({ traces: [], memory: null });
}
