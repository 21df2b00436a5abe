// The run this browser kept last, remembered apart from it: where it is missing on return, the browser has deleted it.
import { create } from 'zustand';
import { persist } from 'zustand/middleware';

export interface KeptLast {
  readonly runId: string;
  readonly name: string;
  readonly step: number;
}

export const useKeptLast = create<{ readonly last: KeptLast | null }>()(
  persist((): { last: KeptLast | null } => ({ last: null }), { name: 'switchyard.kept', version: 1 }),
);

export function rememberKept({ runId, name, step }: KeptLast): void {
  useKeptLast.setState({ last: { runId, name, step } });
}

/** It was let go of on purpose, or a person knows that it is gone. */
export function forgetKept(runId: string): void {
  if (useKeptLast.getState().last?.runId === runId) useKeptLast.setState({ last: null });
}
