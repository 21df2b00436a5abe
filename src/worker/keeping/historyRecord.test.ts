// A run's told figures come back as they were, cut where the saved state stands.
import { describe, expect, it } from 'vitest';
import { rngFor } from '../../core/rng';
import type { StepRouting, StepScalars, ValidationResult } from '../../protocol/events';
import { HistoryRecord, NO_HISTORY, readHistory } from './historyRecord';

const rng = rngFor(3, 'data');
const floats = (length: number): Float32Array => Float32Array.from({ length }, () => rng.normal());

const scalars = (step: number): StepScalars => ({
  step,
  loss: rng.normal(),
  gradientNorm: rng.uniform(),
  clipped: step % 2 === 0,
  learningRate: rng.uniform() / 3,
  tokensSeen: step * 64,
  epoch: step / 7,
  stepMs: rng.uniform(),
  workers: 1,
  maxAttentionLogit: Math.fround(rng.normal()),
  balanceLoss: 0,
});
const routing = (step: number, layers = 2, experts = 3): StepRouting => ({
  step,
  layers,
  experts,
  biasUpdateSpeed: 0.01 / 3,
  load: floats(layers * experts).map(Math.abs),
  bias: floats(layers * experts),
  biasUpdate: floats(layers * experts),
  gateMass: floats(layers * experts),
  biasChangedShare: floats(layers),
});
const validation = (step: number): ValidationResult => {
  const loss = { tokens: 10, nats: rng.normal(), bitsPerByte: rng.normal(), bitsPerCharacter: rng.normal() };
  return { step, overall: loss, domains: [{ domain: 'yard', language: 'zh', ...loss }], load: floats(6) };
};

describe('the record of a run', () => {
  it('gives every figure back to the bit, and the mean figures of the routing beside them', () => {
    const record = new HistoryRecord();
    const told = [1, 2, 3].map((step) => ({ scalars: scalars(step), routing: routing(step) }));
    for (const step of told) record.addStep(step.scalars, step.routing);
    const judged = validation(2);
    record.addValidation(judged);
    record.addSample({ step: 2, prompt: '信号', text: '信号 ⟨E4⟩ "x"\n' });
    record.baselines = { uniform: 7.6, unigram: 6, unigramCross: 6.1, bigram: 4.4 };
    const back = readHistory(record.bytes(), 3);
    expect(back.scalars).toEqual(told.map((step) => step.scalars));
    expect(back.routing).toEqual(told.map((step) => step.routing));
    expect(back.validation).toEqual([judged]);
    expect(back.samples).toEqual([{ step: 2, prompt: '信号', text: '信号 ⟨E4⟩ "x"\n' }]);
    expect(back.baselines?.bigram).toBe(4.4);
    const { load } = told[0]!.routing;
    const vio = (row: Float32Array) => Math.max(...row) / (row.reduce((sum, one) => sum + one, 0) / 3) - 1;
    expect(back.balance[0]!.maxVio).toBeCloseTo((vio(load.subarray(0, 3)) + vio(load.subarray(3))) / 2, 5);
    expect(new HistoryRecord(back).bytes()).toEqual(record.bytes());
  });

  it('is cut where the saved state stands', () => {
    const record = new HistoryRecord();
    for (const step of [1, 2, 3, 4]) record.addStep(scalars(step), routing(step));
    record.addValidation(validation(4));
    const back = readHistory(record.bytes(), 2);
    expect([back.scalars, back.balance, back.routing].map(({ length }) => length)).toEqual([2, 2, 2]);
    expect(back.validation).toEqual([]);
  });

  it('keeps what it was told after the told arrays were given away, and the last 512 routings', () => {
    const record = new HistoryRecord();
    const given = routing(1);
    const expected = given.load.slice();
    record.addStep(scalars(1), given);
    given.load.fill(0);
    expect(readHistory(record.bytes(), 1).routing[0]!.load).toEqual(expected);
    for (let step = 2; step <= 600; step++) record.addStep(scalars(step), routing(step, 1, 2));
    const back = readHistory(record.bytes(), 600);
    expect([back.scalars.length, back.routing.length, back.routing[0]!.step]).toEqual([600, 512, 89]);
  });

  it('of a dense model has no routing, and figures that say so', () => {
    const record = new HistoryRecord();
    record.addStep(scalars(1), null);
    const back = readHistory(record.bytes(), 1);
    expect([back.routing, back.balance]).toEqual([[], [{ maxVio: NaN, biasChangedShare: NaN }]]);
  });

  it('is empty where the bytes are none of its own', () => {
    const whole = new HistoryRecord();
    whole.addStep(scalars(1), routing(1));
    for (const wrong of [new Uint8Array(), Uint8Array.of(9, 0, 0, 0, 123), whole.bytes().subarray(0, 40)])
      expect(readHistory(wrong, 9)).toEqual(NO_HISTORY);
  });
});
