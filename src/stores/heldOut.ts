// How a model's choices fall on held-out text: what a prompt is looked at beside. The run tells its own with each validation.
import { create } from 'zustand';
import type { EngineError } from '../protocol/errors';
import type { ValidationResult } from '../protocol/events';
import type { ModelRef } from '../protocol/modelRef';
import { request } from './engine';
import { modelKey, modelOfKey } from './models';
import { useValidation } from './validation';

export interface HeldOutLoad {
  /** Steps the weights were trained. */
  readonly step: number;
  /** Assignments a token, the texts weighed as the training mixture is, [L, E]. */
  readonly load: Float32Array;
}

export type HeldOutWork =
  | { readonly phase: 'idle' }
  | { readonly phase: 'measuring'; readonly share: number }
  | { readonly phase: 'failed'; readonly error: EngineError };

export interface HeldOutState {
  readonly work: HeldOutWork;
  /** The last one measured on demand. */
  readonly measured: { readonly model: string; readonly result: ValidationResult } | null;
}

export const useHeldOut = create<HeldOutState>(() => ({ work: { phase: 'idle' }, measured: null }));

let measuring: AbortController | null = null;

/** The newest load of `model`; null where it has not been measured. */
export function useHeldOutLoad(model: ModelRef): HeldOutLoad | null {
  const validated = useValidation(({ results }) => results.at(-1));
  const measured = useHeldOut((state) => state.measured);
  const own = measured?.model === modelKey(model) ? measured.result : null;
  if (model.kind !== 'live') return own;
  return validated && !(own && own.step > validated.step) ? validated : own;
}

/** Measures `model` on all held-out text; a measurement under way is given up. */
export async function measureHeldOut(model: ModelRef): Promise<void> {
  measuring?.abort();
  const controller = new AbortController();
  measuring = controller;
  useHeldOut.setState({ work: { phase: 'measuring', share: 0 } });
  const reply = await request(
    { kind: 'measureModel', model },
    {
      signal: controller.signal,
      onProgress: ({ done, total }) => {
        if (measuring === controller && total > 0) useHeldOut.setState({ work: { phase: 'measuring', share: done / total } });
      },
    },
  );
  if (measuring !== controller) return;
  measuring = null;
  if (reply.ok)
    useHeldOut.setState({ work: { phase: 'idle' }, measured: { model: modelKey(model), result: reply.value.result } });
  else
    useHeldOut.setState({ work: reply.error.code === 'cancelled' ? { phase: 'idle' } : { phase: 'failed', error: reply.error } });
}

/** What was measured of a run that is gone, or of moments that are, is not this run's. */
export function forgetHeldOut(): void {
  cancelHeldOut();
  const { measured } = useHeldOut.getState();
  const kind = measured && modelOfKey(measured.model)?.kind;
  if (kind === 'live' || kind === 'checkpoint') useHeldOut.setState({ measured: null });
}

export function cancelHeldOut(): void {
  measuring?.abort();
}
