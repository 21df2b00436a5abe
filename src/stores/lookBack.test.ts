// What looking back asks of the engine, once, and what it forgets.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { err, ok } from '../core/result';
import type { Command } from '../protocol/commands';
import type { KeptModel } from '../protocol/modelRef';
import { setConnection } from './engine';
import { driftKey, forgetLookBack, lookAtTwo, lookBack, missing, useLookBack } from './lookBack';
import { modelKey } from './models';

const asked: string[] = [];
let refuse = false;
const at = (step: number): KeptModel => ({ kind: 'checkpoint', runId: 'r', step });
const shipped: readonly KeptModel[] = [
  { kind: 'shipped', step: 0 },
  { kind: 'shipped', step: 9 },
];
const line = [at(0), at(5), at(9)];

beforeEach(() => {
  asked.length = 0;
  refuse = false;
  useLookBack.setState(useLookBack.getInitialState(), true);
  const request = (command: Command) => {
    if (refuse) return Promise.resolve(err({ code: 'storage-damaged' as const, detail: 'x' }));
    if (command.kind === 'momentRoutes') {
      const { model } = command.request;
      asked.push(`routes ${model.step}`);
      return Promise.resolve(ok({ model, step: model.step, firstLayer: 1, nats: 3, routes: {} as never }));
    }
    if (command.kind !== 'drift') throw new Error(command.kind);
    asked.push(`drift ${command.request.reference.step}→${command.request.model.step}`);
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
