// Models that leave and come, as the page tells of them.
import { afterEach, expect, test, vi } from 'vitest';
import { modelSize } from '../analysis/modelSize';
import { PRESETS } from '../config/presets';
import type { ImportedModel } from '../protocol/exchange';
import type { ModelRef } from '../protocol/modelRef';
import { useFakeEngines } from '../testing/fakeWorker';
import { bootEngine, stopEngine } from './connect';
import { exportModel, forgetExport, importModel, modelsToExport, runToExport, useExchange } from './exchange';
import { runInfo, runStep, useRun } from './run';
import { step } from './runActions';
import { useShelf } from './shelf';

useFakeEngines();
afterEach(() => {
  stopEngine();
  useRun.setState({ run: { phase: 'none' } });
  useExchange.setState(useExchange.getInitialState());
});

const imported: ImportedModel = {
  id: 'one',
  config: PRESETS.default.model,
  size: modelSize(PRESETS.default.model),
  storedAs: ['F32'],
  tensors: 1,
  shards: 1,
  bytes: 4,
  nonFinite: [],
  tokenizer: { kind: 'same' },
};
const live: ModelRef = { kind: 'live' };
const toExport = (chosen: ModelRef | null = null) =>
  modelsToExport(runToExport(useRun.getState().run), useShelf.getState(), chosen);

test('what would go out is the moment looked at, or the run as it is, and nothing where there is none', async () => {
  await bootEngine();
  expect(toExport()).toEqual([]);
  await step(1);
  await vi.waitFor(() => expect(runStep(useRun.getState().run)).toBe(1));
  expect(toExport()).toEqual([live]);
  const moment: ModelRef = { kind: 'checkpoint', runId: runInfo(useRun.getState().run)!.runId, step: 1 };
  expect(toExport(moment)).toEqual([moment, live]);
  expect(toExport({ ...moment, runId: 'another' })).toEqual([live]);
});

test('what cannot be written is told, until it is let go', async () => {
  await step(1);
  await vi.waitFor(() => expect(runStep(useRun.getState().run)).toBe(1));
  expect(await exportModel(live, { dtype: 'F16', isFolded: false }, true)).toBe(null);
  expect(useExchange.getState().exporting).toEqual({ phase: 'failed', error: { code: 'no-run' } });
  forgetExport();
  expect(useExchange.getState().exporting).toEqual({ phase: 'idle' });
});

test('files that are refused leave the model that is there, and say why', async () => {
  await bootEngine();
  useExchange.setState({ imported });
  await importModel([new File(['{}'], 'config.json')], 'a prompt');
  expect(useExchange.getState().importing).toMatchObject({ phase: 'failed', error: { code: 'checkpoint-unreadable' } });
  expect(useExchange.getState().imported).toBe(imported);
});

test('a model goes with the engine that took it in', async () => {
  await bootEngine();
  useExchange.setState({ imported, written: 'text' });
  await bootEngine();
  expect(useExchange.getState()).toMatchObject({ imported: null, written: '' });
});
