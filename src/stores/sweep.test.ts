// Whose sweep it is, and when it is forgotten.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { err, ok } from '../core/result';
import type { Command } from '../protocol/commands';
import type { ModelRef } from '../protocol/modelRef';
import { chooseModel } from './chosenModel';
import { setConnection } from './engine';
import { useLab } from './lab';
import { addPrompt, useOwnPrompts } from './ownPrompts';
import { forgetSweep, sweep, useSweep, type SweepPart } from './sweep';
import { standing } from './textChoice';

const asked: unknown[] = [];
let answersNow: Promise<void> = Promise.resolve();
const heldOut: SweepPart = { kind: 'heldOut', domains: [], language: 'all' };
const at = (step: number): ModelRef => ({ kind: 'checkpoint', runId: 'r', step });

beforeEach(() => {
  asked.length = 0;
  answersNow = Promise.resolve();
  useSweep.setState(useSweep.getInitialState(), true);
  useLab.setState({ ...useLab.getInitialState(), text: 'abc' });
  useOwnPrompts.setState({ prompts: [] });
  chooseModel(at(4));
  const request = async (command: Command, { signal }: { readonly signal?: AbortSignal } = {}) => {
    if (command.kind !== 'sweep') return err({ code: 'no-run' as const });
    const { model, text } = command.request;
    asked.push(text);
    await answersNow;
    if (signal?.aborted) return err({ code: 'cancelled' as const });
    return ok({ model, step: 'step' in model ? model.step : 40, firstLayer: 1, tokens: 9, documents: 1 });
  };
  setConnection({ client: { request, subscribe: () => () => {}, close: () => {} }, stop: () => {} } as never);
});
afterEach(() => {
  setConnection(null);
  chooseModel(null);
});

test('a sweep says which model it measured, also when another one is chosen before it ends or after', async () => {
  const measuring = sweep('experts', heldOut, 1024);
  chooseModel(at(8));
  await measuring;
  expect(useSweep.getState().answer).toMatchObject({ model: at(4), step: 4 });
  chooseModel({ kind: 'shipped', step: 5000 });
  expect(useSweep.getState()).toMatchObject({ answer: { model: at(4), step: 4 }, work: { phase: 'idle' } });
});

test('a new run forgets what was measured of the run before, not of models that outlast it', async () => {
  await sweep('experts', heldOut, 1024);
  forgetSweep();
  expect(useSweep.getState().answer).toBeNull();
  chooseModel({ kind: 'imported', id: 'i' });
  await sweep('experts', heldOut, 1024);
  forgetSweep();
  expect(useSweep.getState().answer).toMatchObject({ model: { kind: 'imported' } });
});

test('a new run ends a sweep of the run before, not one of a model that outlasts it', async () => {
  const models: readonly ModelRef[] = [at(4), { kind: 'imported', id: 'i' }];
  for (const model of models) {
    let answer = (): void => {};
    answersNow = new Promise((resolve) => (answer = resolve));
    chooseModel(model);
    const measuring = sweep('experts', heldOut, 1024);
    await Promise.resolve();
    forgetSweep();
    expect(useSweep.getState().work.phase).toBe(model.kind === 'imported' ? 'running' : 'idle');
    answer();
    await measuring;
    expect(useSweep.getState().answer?.model ?? null).toEqual(model.kind === 'imported' ? model : null);
  }
});

test("without prompts of one's own the prompt of the lab is measured", async () => {
  const own: SweepPart = { kind: 'own' };
  addPrompt('', 'de');
  const measure = () => sweep('experts', standing(own, useOwnPrompts.getState().prompts.length), 1024);
  await measure();
  useOwnPrompts.setState({ prompts: [] });
  await measure();
  expect(asked).toEqual([{ texts: ['de'] }, { texts: ['abc'] }]);
  expect(standing(heldOut, 0)).toBe(heldOut);
});
