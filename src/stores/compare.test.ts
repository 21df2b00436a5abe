// What a comparison asks of the engine, and how its sides travel.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TextRoutes } from '../analysis/routeComparison';
import { err, ok } from '../core/result';
import type { Command } from '../protocol/commands';
import { chooseModel } from './chosenModel';
import { compare, compareKey, compareSidesOfKey, setCompareSide, useCompare, type CompareSides } from './compare';
import { setConnection } from './engine';
import { useLab } from './lab';
import { addPrompt, useOwnPrompts } from './ownPrompts';
import { textsOf } from './textChoice';

const asked: Command[] = [];
/** Every token of a text goes to the expert of its length. */
function routesOf(texts: readonly string[], experts = 8): TextRoutes {
  const tokens = Int32Array.from(texts, ({ length }) => length);
  const ids = Int32Array.from(texts.flatMap((text) => [...text].map((sign) => sign.codePointAt(0)!)));
  const chosen = Int16Array.from(texts.flatMap((text) => Array<number>(text.length).fill(text.length % experts)));
  return { layers: 1, experts, expertsPerToken: 1, tokens, ids, chosen };
}

beforeEach(() => {
  asked.length = 0;
  useCompare.setState(useCompare.getInitialState(), true);
  useLab.setState({ ...useLab.getInitialState(), text: 'abc' });
  chooseModel({ kind: 'live' });
  useOwnPrompts.setState({ prompts: [] });
  const request = (command: Command) => {
    asked.push(command);
    if (command.kind !== 'routes') return Promise.resolve(err({ code: 'no-run' as const }));
    const { model, texts } = command.request;
    if (model.kind === 'checkpoint') return Promise.resolve(err({ code: 'model-unavailable' as const }));
    const experts = model.kind === 'imported' ? 4 : 8;
    return Promise.resolve(ok({ model, step: 3, firstLayer: 1, routes: routesOf(texts, experts) }));
  };
  setConnection({ client: { request, subscribe: () => () => {}, close: () => {} }, stop: () => {} } as never);
});
afterEach(() => setConnection(null));

test('each side is read by its model, without one by that of the lab', async () => {
  setCompareSide(0, { texts: { kind: 'prompt' } });
  setCompareSide(1, { model: { kind: 'shipped', step: 5 }, texts: { kind: 'typed', text: 'de\n \nfgh\n\n' } });
  await compare();
  expect(asked).toEqual([
    { kind: 'routes', request: { model: { kind: 'live' }, texts: ['abc'] } },
    { kind: 'routes', request: { model: { kind: 'shipped', step: 5 }, texts: ['de', 'fgh'] } },
  ]);
  const { answer, work } = useCompare.getState();
  expect(work).toEqual({ phase: 'idle' });
  expect(answer?.dealt).toBeNull();
  expect(answer?.result).toMatchObject({ overlap: null, layers: 1, experts: 8 });
});

test('sets of texts come with what chance would make of them; one text in two models with the share it has in common', async () => {
  await compare();
  expect(useCompare.getState().answer?.dealt?.mean).toHaveLength(1);
  setCompareSide(1, useCompare.getState().sides[0]);
  await compare();
  const { answer } = useCompare.getState();
  expect(answer?.dealt).toBeNull();
  expect(answer?.result).toMatchObject({ overlap: Float64Array.of(1) });
});

test('models of other shapes, and empty texts, are said to be no pair; a refusal is kept', async () => {
  setCompareSide(1, { model: { kind: 'imported', id: 'x' } });
  await compare();
  expect(useCompare.getState().answer?.result).toBe('shapes');
  useLab.setState({ text: '' });
  setCompareSide(1, { model: null, texts: { kind: 'prompt' } });
  await compare();
  expect(useCompare.getState().answer?.result).toBe('empty');
  setCompareSide(0, { model: { kind: 'checkpoint', runId: 'r', step: 1 } });
  await compare();
  expect(useCompare.getState().work).toEqual({ phase: 'failed', error: { code: 'model-unavailable' } });
});

test('both sides survive a link, one’s own prompts as texts', () => {
  const sides: CompareSides = [
    { model: null, texts: { kind: 'typed', text: 'a, b & c=1%\n\n春' } },
    { model: { kind: 'shipped', step: 0 }, texts: { kind: 'set', domain: 'poetry', language: 'zh' } },
  ];
  expect(compareSidesOfKey(compareKey(sides))).toEqual(sides);
  expect(compareKey(sides)).not.toMatch(/[&=#]/);
  addPrompt('one', 'first\n\nof two');
  addPrompt('two', 'second');
  const [own] = compareSidesOfKey(compareKey([{ model: null, texts: { kind: 'own' } }, sides[1]]))!;
  expect(textsOf(own.texts)).toEqual(['first\nof two', 'second']);
  for (const key of [
    '',
    'lab,prompt',
    'lab,prompt,lab,set.x.zh',
    'nobody,prompt,lab,prompt',
    '%,prompt,lab,prompt',
    'lab,prompt,lab,prompt,x',
  ])
    expect(compareSidesOfKey(key), key).toBeNull();
});
