// The run's validations so far, oldest first.
import { create } from 'zustand';
import type { ValidationResult } from '../protocol/events';

export const useValidation = create<{ readonly results: readonly ValidationResult[] }>(() => ({ results: [] }));

export function receiveValidation(results: readonly ValidationResult[]): void {
  useValidation.setState((state) => ({ results: [...state.results, ...results] }));
}

export function clearValidation(): void {
  useValidation.setState({ results: [] });
}
