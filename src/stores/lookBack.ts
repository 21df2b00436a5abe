// Looking back along a line of moments: the routes of each on the same held-out text, and how far apart the numbers of two of them are.
// What was measured once is kept by the moments' names, because a moment does not change.
import { create } from 'zustand';
import type { DriftPart } from '../analysis/drift';
import type { EngineError } from '../protocol/errors';
import type { MomentRoutes } from '../protocol/lookBack';
import type { KeptModel } from '../protocol/modelRef';
import { request } from './engine';
import { modelKey } from './models';

export type LookBackWork =
  | { readonly phase: 'idle' }
  | { readonly phase: 'running'; readonly share: number }
  | { readonly phase: 'failed'; readonly error: EngineError };

export interface LookBackState {
  /** By the moment's key. */
  readonly routes: Readonly<Record<string, MomentRoutes>>;
  /** By `driftKey`. */
  readonly drifts: Readonly<Record<string, readonly DriftPart[]>>;
  readonly work: LookBackWork;
}

/** Held-out tokens: enough for shares to be known to about one percent. */
const TOKENS = 2048;

const NOTHING: LookBackState = { routes: {}, drifts: {}, work: { phase: 'idle' } };

export const useLookBack = create<LookBackState>(() => NOTHING);

let running: AbortController | null = null;

export const driftKey = (model: KeptModel, reference: KeptModel): string => `${modelKey(reference)} ${modelKey(model)}`;

interface Measurement {
  readonly isKnown: (state: LookBackState) => boolean;
  /** What becomes known; an error where that failed. */
  readonly ask: (signal: AbortSignal, onShare: (share: number) => void) => Promise<Partial<LookBackState> | EngineError>;
}

const routesOf = (model: KeptModel): Measurement => ({
  isKnown: ({ routes }) => modelKey(model) in routes,
  ask: async (signal, onShare) => {
    const reply = await request(
      { kind: 'momentRoutes', request: { model, tokens: TOKENS } },
      { signal, onProgress: ({ done, total }) => total > 0 && onShare(done / total) },
    );
    return reply.ok ? { routes: { ...useLookBack.getState().routes, [modelKey(model)]: reply.value } } : reply.error;
  },
});

const driftOf = (model: KeptModel, reference: KeptModel): Measurement => ({
  isKnown: ({ drifts }) => driftKey(model, reference) in drifts,
  ask: async (signal) => {
    const reply = await request({ kind: 'drift', request: { model, reference } }, { signal });
    return reply.ok
      ? { drifts: { ...useLookBack.getState().drifts, [driftKey(model, reference)]: reply.value.parts } }
      : reply.error;
  },
});

/** All that the figures of these moments need, the last one first: the others are told beside it. */
function wanted(moments: readonly KeptModel[]): Measurement[] {
  const [first, ...later] = moments;
  if (!first) return [];
  const last = moments.at(-1)!;
  const before = moments.slice(0, -1);
  return [last, ...before].map(routesOf).concat(
    later.map((moment) => driftOf(moment, first)),
    later.slice(1).map((moment, index) => driftOf(moment, later[index]!)),
  );
}

/** The latest of these moments whose routes are known; where none is, the latest. A run that trains keeps one more now and then. */
export const latestKnown = <M extends { readonly ref: KeptModel }>(
  moments: readonly M[],
  { routes }: Pick<LookBackState, 'routes'>,
): M | undefined => moments.findLast(({ ref }) => modelKey(ref) in routes) ?? moments.at(-1);

/** The latest of these moments that is known beside the first; where none is, the latest whose routes are known. */
export function latestCompared<M extends { readonly ref: KeptModel }>(
  [first, ...later]: readonly M[],
  { routes, drifts }: Pick<LookBackState, 'routes' | 'drifts'>,
): M | undefined {
  return later.findLast(({ ref }) => driftKey(ref, first!.ref) in drifts) ?? latestKnown(later, { routes }) ?? first;
}

/** How many measurements are missing for the figures of these moments. */
export const missing = (moments: readonly KeptModel[], state: LookBackState): number =>
  wanted(moments).filter(({ isKnown }) => !isKnown(state)).length;

/** Measures what is not known yet of these moments, in ascending order of steps. One that is under way is given up. */
export const lookBack = (moments: readonly KeptModel[]): Promise<void> => measure(wanted(moments));

/** Measures what is not known yet of two moments. */
export const lookAtTwo = (from: KeptModel, to: KeptModel): Promise<void> =>
  measure([routesOf(from), routesOf(to), driftOf(to, from)]);

async function measure(all: readonly Measurement[]): Promise<void> {
  running?.abort();
  const controller = new AbortController();
  running = controller;
  const left = all.filter(({ isKnown }) => !isKnown(useLookBack.getState()));
  let learned = 0;
  let missed: EngineError | null = null;
  const tell = (done: number): void => useLookBack.setState({ work: { phase: 'running', share: done / left.length } });
  for (const [index, { ask }] of left.entries()) {
    tell(index);
    const answer = await ask(controller.signal, (share) => running === controller && tell(index + share));
    if (running !== controller) return;
    if ('code' in answer) {
      // Thinned away meanwhile: the others are still there.
      if (answer.code === 'model-unavailable') {
        missed = answer;
        continue;
      }
      running = null;
      const isGivenUp = answer.code === 'cancelled';
      return useLookBack.setState({ work: isGivenUp ? { phase: 'idle' } : { phase: 'failed', error: answer } });
    }
    useLookBack.setState(answer);
    learned++;
  }
  running = null;
  useLookBack.setState({ work: missed && learned === 0 ? { phase: 'failed', error: missed } : { phase: 'idle' } });
}

export function cancelLookBack(): void {
  running?.abort();
}

/** A new run is made, or one stands at an earlier step again: its moments may be others now. */
export function forgetLookBack(): void {
  running?.abort();
  running = null;
  const isLasting = ([key]: readonly [string, unknown]): boolean => !key.includes('checkpoint.');
  useLookBack.setState(({ routes, drifts }) => ({
    routes: Object.fromEntries(Object.entries(routes).filter(isLasting)),
    drifts: Object.fromEntries(Object.entries(drifts).filter(isLasting)),
    work: { phase: 'idle' },
  }));
}
