import { expect, it } from 'vitest';
import { PRESETS } from '../config/presets';
import { toBfloat16 } from '../core/halfFloats';
import type { SpecsOf } from './runParts';
import { encodeRunState } from './runState';
import { decodeSnapshot, encodeSnapshot, type Snapshot } from './snapshot';

const specs: SpecsOf = ({ hiddenSize }) => [{ name: 'model.norm.weight', shape: [hiddenSize] }];
const { model } = PRESETS.default;
const config = { ...PRESETS.default, model: { ...model, hiddenSize: 8, numHiddenLayers: 2, nRoutedExperts: 3 } };

const snapshot: Snapshot = {
  runId: 'abc-1',
  config,
  identity: { backend: 'wasm', kernels: '', build: 'test', corpus: 'c0', tokenizer: 't0' },
  step: 12,
  parameters: [Float32Array.of(1, 0.1, -3e-5, 7, -0.3, 2.5e3, 1e-9, 0.7)],
  biases: [Float32Array.of(0.1, -0.2, 0.3)],
};

it('gives back what was written: the head and the biases to the bit, the weights rounded to 16 bits', () => {
  const back = decodeSnapshot(encodeSnapshot(snapshot, specs), specs);
  if (!back.ok) throw new Error(back.error.detail);
  const { parameters, ...others } = back.value;
  const { parameters: written, ...given } = snapshot;
  expect(others).toEqual(given);
  expect(toBfloat16(parameters[0]!)).toEqual(toBfloat16(written[0]!));
  for (const [index, value] of written[0]!.entries()) expect(Math.abs(parameters[0]![index]! / value - 1)).toBeLessThan(2 ** -8);
});

it('keeps whole weights to the bit where it is asked to', () => {
  const bytes = encodeSnapshot(snapshot, specs, 'F32');
  expect(decodeSnapshot(bytes, specs)).toEqual({ ok: true, value: snapshot });
  expect(bytes.length).toBeGreaterThan(encodeSnapshot(snapshot, specs).length);
});

it('takes no other file of a run for a snapshot, and no weights of another width', () => {
  const moments = [new Float32Array(8)];
  const state = { ...snapshot, changes: [], upcoming: [], historyPosition: 0, firstMoments: moments, secondMoments: moments };
  expect(decodeSnapshot(encodeRunState(state, specs), specs)).toMatchObject({ ok: false, error: { offence: 'no-run-state' } });
  const wide: SpecsOf = () => [{ name: 'model.norm.weight', shape: [9] }];
  expect(decodeSnapshot(encodeSnapshot(snapshot, specs), wide)).toMatchObject({
    ok: false,
    error: { offence: 'tensor', detail: 'model.norm.weight is [8], expected [9]' },
  });
});
