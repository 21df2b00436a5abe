// Two sides that are compared: which model reads which texts, and where they went.
import { create } from 'zustand';
import {
  compareRoutes,
  dealtDivergence,
  haveOneShape,
  type DealtDivergence,
  type RouteComparison,
} from '../analysis/routeComparison';
import { rngFor } from '../core/rng';
import type { EngineError } from '../protocol/errors';
import type { RoutesAnswer } from '../protocol/lab';
import type { ModelRef } from '../protocol/modelRef';
import { request } from './engine';
import { modelInHand } from './lab';
import { modelKey, modelOfKey } from './models';
import { useOwnPrompts } from './ownPrompts';
import { standing, textChoiceKey, textChoiceOfKey, textsOf, type TextChoice } from './textChoice';

export interface CompareSide {
  /** null: the one the lab asks. */
  readonly model: ModelRef | null;
  readonly texts: TextChoice;
}
export type CompareSides = readonly [CompareSide, CompareSide];

export type CompareWork =
  | { readonly phase: 'idle' }
  | { readonly phase: 'running'; readonly share: number }
  | { readonly phase: 'failed'; readonly error: EngineError };

export interface CompareAnswer {
  readonly sides: readonly [RoutesAnswer & CompareSide, RoutesAnswer & CompareSide];
  /** `shapes`: layers or experts are not as many, so numbers do not correspond; `empty`: a side has no token. */
  readonly result: RouteComparison | 'shapes' | 'empty';
  readonly dealt: DealtDivergence | null;
}

export interface CompareState {
  readonly sides: CompareSides;
  readonly work: CompareWork;
  readonly answer: CompareAnswer | null;
  /** A link brought the sides, and nobody has compared them yet. */
  readonly isLinked: boolean;
}

const DEALS = 400;
const DEAL_SEED = 1;

export const useCompare = create<CompareState>(() => ({
  sides: [
    { model: null, texts: { kind: 'set', domain: 'all', language: 'zh' } },
    { model: null, texts: { kind: 'set', domain: 'all', language: 'en' } },
  ],
  work: { phase: 'idle' },
  answer: null,
  isLinked: false,
}));

let running: AbortController | null = null;

export function setCompareSide(index: 0 | 1, change: Partial<CompareSide>): void {
  useCompare.setState(({ sides: [first, second] }) => ({
    sides: index === 0 ? [{ ...first, ...change }, second] : [first, { ...second, ...change }],
  }));
}

/** Has both sides read, one after the other; a comparison under way is given up. */
export async function compare(): Promise<void> {
  running?.abort();
  const controller = new AbortController();
  running = controller;
  const own = useOwnPrompts.getState().prompts.length;
  const sides = useCompare.getState().sides.map((side): CompareSide => ({ ...side, texts: standing(side.texts, own) }));
  const texts = sides.map((side) => textsOf(side.texts));
  const total = texts.reduce((count, { length }) => count + length, 0);
  useCompare.setState({ work: { phase: 'running', share: 0 }, isLinked: false });
  const inHand = await modelInHand();
  const answers: (RoutesAnswer & CompareSide)[] = [];
  let before = 0;
  for (const [index, side] of sides.entries()) {
    const reply = await request(
      { kind: 'routes', request: { model: side.model ?? inHand.ref, texts: texts[index]! } },
      {
        signal: controller.signal,
        onProgress: ({ done }) => {
          if (running === controller) useCompare.setState({ work: { phase: 'running', share: (before + done) / total } });
        },
      },
    );
    if (running !== controller) return;
    if (!reply.ok) {
      const { error } = reply;
      return useCompare.setState({ work: error.code === 'cancelled' ? { phase: 'idle' } : { phase: 'failed', error } });
    }
    answers.push({ ...side, ...reply.value });
    before += texts[index]!.length;
  }
  running = null;
  useCompare.setState({ work: { phase: 'idle' }, answer: compared(answers[0]!, answers[1]!) });
}

function compared(first: RoutesAnswer & CompareSide, second: RoutesAnswer & CompareSide): CompareAnswer {
  const [a, b] = [first.routes, second.routes];
  const sides = [first, second] as const;
  if (a.ids.length === 0 || b.ids.length === 0) return { sides, result: 'empty', dealt: null };
  if (!haveOneShape(a, b)) return { sides, result: 'shapes', dealt: null };
  const result = compareRoutes(a, b);
  // Of one text in two models nothing is dealt: chance is what experts drawn at random would share.
  const dealt = result.overlap ? null : dealtDivergence(a, b, DEALS, rngFor(DEAL_SEED, 'sample'));
  return { sides, result, dealt };
}

export function cancelCompare(): void {
  running?.abort();
}

/** What a link says of both sides. */
export function compareKey(sides: CompareSides): string {
  return sides
    .flatMap(({ model, texts }) => [model ? modelKey(model) : 'lab', textChoiceKey(texts)])
    .map(encodeURIComponent)
    .join(',');
}

/** null where `key` is none. */
export function compareSidesOfKey(key: string): CompareSides | null {
  let parts: readonly string[];
  try {
    parts = key.split(',').map(decodeURIComponent);
  } catch {
    return null; // a broken escape
  }
  const sides = [0, 2].map((at): CompareSide | null => {
    const texts = textChoiceOfKey(parts[at + 1] ?? '');
    const model = parts[at] === 'lab' ? null : modelOfKey(parts[at] ?? '');
    return texts && (model || parts[at] === 'lab') ? { model, texts } : null;
  });
  const [first, second] = sides;
  return parts.length === 4 && first && second ? [first, second] : null;
}

/** What a link brought; compared once it can be. What cannot be read is as if it were not there. */
export function openCompareLink(key: string): void {
  const sides = compareSidesOfKey(key);
  const { answer, isLinked } = useCompare.getState();
  const isShown = (answer || isLinked) && compareKey(answer?.sides ?? useCompare.getState().sides) === key;
  if (sides && !isShown) useCompare.setState({ sides, answer: null, isLinked: true });
}
