// The model that is looked at, one for all views: the timeline and the lab's list choose it, every figure of a model follows it.
import { create } from 'zustand';
import type { ModelRef } from '../protocol/modelRef';

interface ChosenModel {
  /** null: the run as it is now; before there is one, the last snapshot that comes with the page. */
  readonly model: ModelRef | null;
}

export const useChosenModel = create<ChosenModel>(() => ({ model: null }));

export function chooseModel(model: ModelRef | null): void {
  useChosenModel.setState({ model });
}

/** A new run is what one looks at; a model that was taken in is not of any run. */
export function lookAtNewRun(): void {
  if (useChosenModel.getState().model?.kind !== 'imported') chooseModel(null);
}
