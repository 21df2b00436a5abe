// What the lab asks of the engine, and when.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PRESETS } from '../config/presets';
import { encodeInterventions } from '../config/interventionLink';
import type { Intervention } from '../config/intervention';
import { err } from '../core/result';
import type { Command } from '../protocol/commands';
import { chooseModel } from './chosenModel';
import { setConnection, useEngine } from './engine';
import { askLab, openLabLink, redoIntervention, setInterventions, setLabText, undoIntervention, useLab } from './lab';
import { setRun } from './run';

const asked: Command[] = [];
const mute: Intervention = { kind: 'mute', experts: [3], mode: 'zero', layers: null, tokens: null };
const traces = () => asked.flatMap((command) => (command.kind === 'trace' ? [command.question] : []));

beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  useLab.setState(useLab.getInitialState(), true);
  chooseModel(null);
  const info = { runId: 'r', name: 'r', config: PRESETS.default, size: {} as never, epochTokens: 1, domains: [] };
  setRun({ phase: 'paused', info, step: 4 });
  useEngine.setState({ engine: { phase: 'ready', info: {} as never } });
  const request = (command: Command) => {
    asked.push(command);
    return Promise.resolve(err({ code: 'no-run' as const }));
  };
  setConnection({ client: { request, subscribe: () => () => {}, close: () => {} }, stop: () => {} } as never);
});
afterEach(() => {
  setConnection(null);
  setRun({ phase: 'none' });
  vi.useRealTimers();
});

test('what is typed fast is asked about once, as it stands at the end', async () => {
  for (const text of ['t', 'th', 'the']) setLabText(text);
  await vi.advanceTimersByTimeAsync(1000);
  expect(traces().map(({ text, model }) => [text, model.kind])).toEqual([['the', 'live']]);
});

test('a change is asked about at once; undone and redone the same', async () => {
  setInterventions([mute]);
  await vi.runAllTimersAsync();
  undoIntervention();
  await vi.runAllTimersAsync();
  redoIntervention();
  await vi.runAllTimersAsync();
  expect(traces().map(({ interventions }) => interventions)).toEqual([[mute], [], [mute]]);
});

test('a link is read once its model is known; one that does not fit is refused with its place and asks nothing', async () => {
  openLabLink({ text: '春', changes: encodeInterventions([mute]), continuation: [7], model: null });
  await vi.runAllTimersAsync();
  expect(traces()).toMatchObject([{ text: '春', continuation: [7], interventions: [mute] }]);
  expect(useLab.getState().linked).toBeNull();
  openLabLink({ text: 'a', changes: encodeInterventions([{ ...mute, experts: [16] }]), continuation: [], model: null });
  await vi.runAllTimersAsync();
  expect(traces()).toHaveLength(1);
  const { asked: state } = useLab.getState();
  expect(state.phase === 'failed' && state.error.fields?.[0]).toMatchObject({ field: 'interventions.0.experts', value: 16 });
});

test('what is wrong with a link is told also where a second question follows at once', async () => {
  openLabLink({ text: 'a', changes: encodeInterventions([{ ...mute, experts: [16] }]), continuation: [], model: null });
  void askLab();
  await vi.runAllTimersAsync();
  expect(traces()).toHaveLength(0);
  expect(useLab.getState()).toMatchObject({ linked: null, asked: { phase: 'failed' } });
});

test('a refusal is kept for the page to word', async () => {
  await askLab();
  expect(useLab.getState().asked).toEqual({ phase: 'failed', error: { code: 'no-run' } });
});
