// The configuration being edited, beside the one that runs: which fields differ, and what that takes.
import { create } from 'zustand';
import { differingFields, withField, type Field, type FieldValue } from '../config/fields';
import type { FieldError } from '../config/fieldError';
import { PRESETS, type PresetId } from '../config/presets';
import type { LiveChange, RunConfig } from '../config/trainConfig';
import { checkRunConfig } from '../config/validate';

export interface ConfigState {
  /** The preset the draft started from. */
  readonly preset: PresetId;
  readonly draft: RunConfig;
  /** What the current run uses now, its live changes included; null without a run. */
  readonly running: RunConfig | null;
  /** What is wrong with the draft; a run cannot start while there is anything. */
  readonly errors: readonly FieldError[];
}

export const useConfig = create<ConfigState>(() => ({ preset: 'default', draft: PRESETS.default, running: null, errors: [] }));

export function setDraft(draft: RunConfig, preset: PresetId = useConfig.getState().preset): void {
  useConfig.setState({ draft, preset, errors: checkRunConfig(draft) });
}

export function choosePreset(preset: PresetId): void {
  setDraft(PRESETS[preset], preset);
}

export function editDraft(field: Field, value: FieldValue): void {
  setDraft(withField(useConfig.getState().draft, field, value));
}

/** Gives up the edits: back to what runs, or to the preset where nothing does. */
export function discardEdits(): void {
  const { running, preset } = useConfig.getState();
  setDraft(running ?? PRESETS[preset]);
}

export function setRunning(running: RunConfig | null): void {
  useConfig.setState({ running });
}

export function applyToRunning(change: LiveChange): void {
  const { running } = useConfig.getState();
  if (running) setRunning({ ...running, train: { ...running.train, ...change } });
}

/** Fields whose draft value waits for a restart. */
export function waitingForRestart({ draft, running }: Pick<ConfigState, 'draft' | 'running'>): Field[] {
  return running ? differingFields(draft, running).filter((field) => field.applies === 'restart') : [];
}
