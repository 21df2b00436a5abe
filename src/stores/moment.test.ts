// What a moment is asked, and what of it stays while another is.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { err, ok } from '../core/result';
import type { Command } from '../protocol/commands';
import type { EngineError } from '../protocol/errors';
import type { KeptModel, ModelRef } from '../protocol/modelRef';
import { setConnection } from './engine';
import { clearMoment, leaveMoment, setMomentPrompt, showMoment, useMoment } from './moment';

const asked: string[] = [];
let traced: EngineError | null = null;
const at = (step: number): KeptModel => ({ kind: 'checkpoint', runId: 'r', step });
const question = { prompt: 'the', tokens: 2, seed: 1, isMeasured: true };

beforeEach(() => {
  asked.length = 0;
  traced = null;
  useMoment.setState(useMoment.getInitialState(), true);
  const request = (command: Command) => {
    asked.push(command.kind);
    const stepOf = ({ model }: { readonly model: ModelRef }) => ('step' in model ? model.step : NaN);
    if (command.kind === 'measureModel')
      return Promise.resolve(ok({ result: { step: stepOf(command) }, biases: new Float32Array(0) }));
    if (command.kind === 'generate') return Promise.resolve(ok({ ids: [1, 2], text: 'the yard', step: stepOf(command.request) }));
    return Promise.resolve(traced ? err(traced) : ok({ prompt: { pieces: ['the', ' yard'] }, baseline: {} }));
  };
  setConnection({ client: { request, subscribe: () => () => {}, close: () => {} }, stop: () => {} } as never);
});
afterEach(() => setConnection(null));

test('it is measured, writes, and what it wrote is read; what is known is not asked for again', async () => {
  await showMoment(at(4), question);
  expect(asked).toEqual(['measureModel', 'generate', 'trace']);
  expect(useMoment.getState()).toMatchObject({
    measured: { result: { step: 4 } },
    writing: { step: 4, prompt: 'the', text: 'the yard', read: { pieces: ['the', ' yard'] } },
    work: { phase: 'idle' },
  });
  await showMoment(at(4), question);
  expect(asked).toHaveLength(3);
  await showMoment(at(4), { ...question, prompt: 'a' });
  expect(asked.slice(3)).toEqual(['generate', 'trace']);
});

test('a newer moment takes its place; the figures of the one before stay until then', async () => {
  await showMoment(at(4), question);
  const older = showMoment(at(5), question);
  expect(useMoment.getState().measured?.result.step).toBe(4);
  await showMoment(at(9), question);
  await older;
  const given = showMoment(at(11), question);
  await showMoment(at(11), { ...question, prompt: 'a' });
  await given;
  expect(useMoment.getState()).toMatchObject({ measured: { result: { step: 11 } }, writing: { step: 11, prompt: 'a' } });
  await showMoment(at(9), question);
  expect(useMoment.getState()).toMatchObject({ model: at(9), measured: { result: { step: 9 } }, writing: { step: 9 } });
});

test('a text longer than the context is shown without its routes; any other failure is told', async () => {
  traced = { code: 'invalid-question', fields: [] };
  await showMoment(at(4), question);
  expect(useMoment.getState()).toMatchObject({ writing: { text: 'the yard', read: null }, work: { phase: 'idle' } });
  traced = { code: 'device-lost' };
  await showMoment(at(5), question);
  expect(useMoment.getState().work).toEqual({ phase: 'failed', error: { code: 'device-lost' } });
});

test('the same prompt once more is a new wish: what failed is asked for again', async () => {
  setMomentPrompt('the');
  const { asks } = useMoment.getState();
  traced = { code: 'device-lost' };
  await showMoment(at(4), question);
  traced = null;
  setMomentPrompt('the');
  expect(useMoment.getState()).toMatchObject({ prompt: 'the', asks: asks + 1 });
  await showMoment(at(4), question);
  expect(asked).toEqual(['measureModel', 'generate', 'trace', 'generate', 'trace']);
  expect(useMoment.getState()).toMatchObject({ writing: { text: 'the yard' }, work: { phase: 'idle' } });
});

test('leaving stops it, and a new run has nothing of it', async () => {
  const left = showMoment(at(4), question);
  leaveMoment();
  await left;
  expect(useMoment.getState()).toMatchObject({ measured: null, work: { phase: 'idle' } });
  await showMoment(at(4), question);
  clearMoment();
  expect(useMoment.getState()).toMatchObject({ model: null, measured: null, writing: null });
});
