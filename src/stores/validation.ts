// The run's validations so far, oldest first, and what guessing would score on the same text.
import { create } from 'zustand';
import type { Baselines, ValidationResult } from '../protocol/events';

export interface Validation {
  readonly results: readonly ValidationResult[];
  /** null until the run has finished its first step. */
  readonly baselines: Baselines | null;
}

export const useValidation = create<Validation>(() => ({ results: [], baselines: null }));

export function receiveValidation(results: readonly ValidationResult[]): void {
  useValidation.setState((state) => ({ results: [...state.results, ...results] }));
}

export function receiveBaselines(baselines: Baselines): void {
  useValidation.setState({ baselines });
}

export function clearValidation(): void {
  useValidation.setState({ results: [], baselines: null });
}
