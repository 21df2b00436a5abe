// What looking back asks of the engine, once, and what it forgets.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { err, ok } from '../core/result';
import type { Command } from '../protocol/commands';
import type { KeptModel } from '../protocol/modelRef';
import { setConnection } from './engine';
import { driftKey, forgetLookBack, latestCompared, latestKnown, lookAtTwo, lookBack, missing, useLookBack } from './lookBack';
import { modelKey } from './models';

const asked: string[] = [];
let refuse = false;
/** Steps that are kept no longer. */
let thinned: readonly number[] = [];
const at = (step: number): KeptModel => ({ kind: 'checkpoint', runId: 'r', step });
const shipped: readonly KeptModel[] = [
  { kind: 'shipped', step: 0 },
  { kind: 'shipped', step: 9 },
];
const line = [at(0), at(5), at(9)];

beforeEach(() => {
  asked.length = 0;
  refuse = false;
  thinned = [];
  useLookBack.setState(useLookBack.getInitialState(), true);
  const request = (command: Command) => {
    if (refuse) return Promise.resolve(err({ code: 'storage-damaged' as const, detail: 'x' }));
    if (command.kind === 'momentRoutes') {
      const { model } = command.request;
      if (thinned.includes(model.step)) return Promise.resolve(err({ code: 'model-unavailable' as const }));
      asked.push(`routes ${model.step}`);
      return Promise.resolve(ok({ model, step: model.step, firstLayer: 1, nats: 3, routes: {} as never }));
    }
    if (command.kind !== 'drift') throw new Error(command.kind);
    const { model, reference } = command.request;
    if ([model, reference].some(({ step }) => thinned.includes(step)))
      return Promise.resolve(err({ code: 'model-unavailable' as const }));
    asked.push(`drift ${reference.step}→${model.step}`);
    return Promise.resolve(ok({ parts: [] }));
  };
  setConnection({ client: { request, subscribe: () => () => {}, close: () => {} }, stop: () => {} } as never);
});
afterEach(() => setConnection(null));

test('each moment is read once, the last one first; drift is measured from the first and from the one before', async () => {
  await lookBack(line);
  expect(asked).toEqual(['routes 9', 'routes 0', 'routes 5', 'drift 0→5', 'drift 0→9', 'drift 5→9']);
  expect(missing(line, useLookBack.getState())).toBe(0);
  await lookBack([...line, at(17)]);
  expect(asked.slice(6)).toEqual(['routes 17', 'drift 0→17', 'drift 9→17']);
  await lookAtTwo(at(5), at(17));
  expect(asked.slice(9)).toEqual(['drift 5→17']);
});

test('what cannot be read is told, and asked for again', async () => {
  refuse = true;
  await lookBack(line);
  expect(useLookBack.getState().work).toEqual({ phase: 'failed', error: { code: 'storage-damaged', detail: 'x' } });
  refuse = false;
  await lookBack(line);
  expect(useLookBack.getState().work).toEqual({ phase: 'idle' });
  expect(missing(line, useLookBack.getState())).toBe(0);
});

test('a moment that is kept no longer is passed over; where nothing else was asked for, that is told', async () => {
  thinned = [5];
  await lookBack(line);
  expect(asked).toEqual(['routes 9', 'routes 0', 'drift 0→9']);
  expect(useLookBack.getState().work).toEqual({ phase: 'idle' });
  expect(missing([at(0), at(9)], useLookBack.getState())).toBe(0);
  await lookBack(line);
  expect(useLookBack.getState().work).toEqual({ phase: 'failed', error: { code: 'model-unavailable' } });
});

test('figures stay with the latest moment that was measured while the run keeps more', async () => {
  const moments = [0, 5, 9, 17].map((step) => ({ ref: at(step), step }));
  const steps = () => {
    const state = useLookBack.getState();
    return [latestKnown(moments, state)?.step, latestCompared(moments, state)?.step];
  };
  expect(steps()).toEqual([17, 17]);
  await lookBack(line);
  expect(steps()).toEqual([9, 9]);
  // Its routes are known before how far it has moved.
  useLookBack.setState(({ routes }) => ({ routes: { ...routes, [modelKey(at(17))]: routes[modelKey(at(9))]! } }));
  expect(steps()).toEqual([17, 9]);
  useLookBack.setState(({ routes }) => ({ routes: { [modelKey(at(0))]: routes[modelKey(at(0))]! }, drifts: {} }));
  expect(steps()).toEqual([0, 17]);
});

test('a newer wish takes the place of one under way', async () => {
  const older = lookBack(line);
  await lookBack(line.slice(0, 2));
  await older;
  expect(missing(line.slice(0, 2), useLookBack.getState())).toBe(0);
  expect(useLookBack.getState().drifts[driftKey(at(9), at(5))]).toBeUndefined();
});

test('a new run forgets its moments, not those that come with the page', async () => {
  await lookBack(line);
  await lookBack(shipped);
  forgetLookBack();
  const { routes, drifts } = useLookBack.getState();
  expect(Object.keys(routes).sort()).toEqual(shipped.map(modelKey));
  expect(Object.keys(drifts)).toEqual([driftKey(shipped[1]!, shipped[0]!)]);
});
