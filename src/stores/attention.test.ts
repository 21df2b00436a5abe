// Whose maps are asked for, and under which answer they are shown.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { err, ok } from '../core/result';
import type { Command } from '../protocol/commands';
import type { PromptQuestion, TraceAnswer } from '../protocol/lab';
import type { ModelRef } from '../protocol/modelRef';
import { askAttention, leaveAttention, mapsFor, useAttention } from './attention';
import { chooseModel } from './chosenModel';
import { setConnection } from './engine';
import { setLabText, useLab } from './lab';

const asked: (PromptQuestion & { readonly layer: number })[] = [];
const at = (step: number): ModelRef => ({ kind: 'checkpoint', runId: 'r', step });
const answerOf = (model: ModelRef, ids = [1, 2], step = 4) =>
  ({ model, step, prompt: { ids: Int32Array.from(ids) } }) as unknown as TraceAnswer;
const answers = (answer: TraceAnswer, text = 'a'): void =>
  useLab.setState({ answer, answered: { model: answer.model, text, continuation: [], interventions: [] } });
const settle = () => vi.runAllTimersAsync();
const shownFor = (answer: TraceAnswer) => mapsFor(useAttention.getState().maps, answer);

beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  leaveAttention();
  useAttention.setState(useAttention.getInitialState(), true);
  useLab.setState(useLab.getInitialState(), true);
  chooseModel(at(4));
  const request = (command: Command) => {
    if (command.kind !== 'attention') return Promise.resolve(err({ code: 'no-run' as const }));
    asked.push({ ...command.question, layer: command.layer });
    return Promise.resolve(ok({ heads: 1, tokens: 2, maps: new Float32Array(4) }));
  };
  setConnection({ client: { request, subscribe: () => () => {}, close: () => {} }, stop: () => {} } as never);
});
afterEach(() => {
  setConnection(null);
  vi.useRealTimers();
});

test('maps are shown under an answer about the same prompt by the same model, a step later too', async () => {
  const answer = answerOf(at(4));
  answers(answer);
  askAttention(answer, 1);
  await settle();
  expect(asked).toMatchObject([{ model: at(4), text: 'a', layer: 1 }]);
  expect(shownFor(answer)).toMatchObject({ layer: 1 });
  expect(shownFor(answerOf(at(4), [1, 2], 5))).not.toBeNull();
  expect(shownFor(answerOf(at(8)))).toBeNull();
  expect(shownFor(answerOf(at(4), [1, 3]))).toBeNull();
});

test('what is asked is what the answer was about, whatever is chosen or typed meanwhile', async () => {
  const answer = answerOf(at(4));
  answers(answer);
  chooseModel(at(8));
  useLab.setState({ text: 'b' });
  askAttention(answer, 1);
  await settle();
  expect(asked).toMatchObject([{ model: at(4), text: 'a' }]);
});

test('an answer that another one has followed is asked about no more, unless only the weights moved on', async () => {
  answers(answerOf(at(8)), 'b');
  askAttention(answerOf(at(4)), 1);
  await settle();
  expect(asked).toEqual([]);
  expect(useAttention.getState()).toMatchObject({ maps: null, work: { phase: 'idle' } });
  askAttention(answerOf(at(8), [1, 2], 3), 1);
  await settle();
  expect(asked).toMatchObject([{ model: at(8), text: 'b' }]);
});

test('a question that waits for the end of typing goes with the view', async () => {
  const answer = answerOf(at(4));
  setLabText('a');
  answers(answer);
  askAttention(answer, 1);
  leaveAttention();
  await settle();
  expect(asked).toEqual([]);
  askAttention(answer, 1);
  await settle();
  expect(asked).toHaveLength(1);
});
