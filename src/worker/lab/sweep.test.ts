// Sweeps behind the lab's door: every expert taken away, another number of experts, texts of one's own.
import { afterEach, describe, expect, it } from 'vitest';
import { DEFAULT_SNAPSHOTS } from '../../config/snapshotSettings';
import { memory } from '../../kernels/tensor';
import type { SweepRequest } from '../../protocol/lab';
import { booted, closePages, config, phaseOf, scalarsOf, trained, until } from '../../testing/enginePage';
import { valueOf } from '../../testing/fixtureModel';
import { ask, live, mute, playing } from '../../testing/labQuestions';

afterEach(closePages);

const everything: SweepRequest = {
  model: live,
  text: { domains: [], language: null, tokens: 256 },
  sweep: 'experts',
  modes: ['zero', 'reroute', 'swap'],
  seed: 1,
};
describe('a sweep', () => {
  it('over every expert tells its progress and repeats to the bit', async () => {
    const opened = await booted();
    await trained(opened, 2);
    const before = memory().numTensors;
    const told: number[] = [];
    const onProgress = ({ done, total }: { done: number; total: number }) => void told.push(done / total);
    const answer = valueOf(await opened.client.request({ kind: 'sweep', request: everything }, { onProgress }));
    expect(memory().numTensors).toBe(before);
    expect(told.at(-1)).toBe(1);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    if (answer.sweep !== 'experts') throw new Error(answer.sweep);
    const { layers, experts, numExpertsPerTok } = { ...answer, ...config.model };
    expect(answer.load.reduce((sum, count) => sum + count, 0)).toBe(answer.tokens * layers * numExpertsPerTok);
    expect(answer.maps.map(({ mode, mean }) => [mode, mean.length])).toEqual(
      ['zero', 'reroute', 'swap'].map((mode) => [mode, layers * experts]),
    );
    expect(answer.tokens).toBeLessThanOrEqual(256);
    expect(answer.documents).toBeGreaterThan(1);
    expect(valueOf(await opened.client.request({ kind: 'sweep', request: everything }))).toEqual(answer);
  });

  it('over K and over the busiest draws curves through the unchanged model', async () => {
    const opened = await booted();
    await trained(opened, 2);
    const { model, text } = everything;
    const over = valueOf(await opened.client.request({ kind: 'sweep', request: { model, text, sweep: 'expertsPerToken' } }));
    if (over.sweep === 'experts') throw new Error(over.sweep);
    expect(over.points.map(({ value }) => value)).toEqual([1, 2, 3, 4]);
    expect(over.points[1]!.loss).toBe(over.loss);
    const request: SweepRequest = { model, text: { ...text, language: 'zh' }, sweep: 'busiest', shares: [0.5, 1] };
    const kept = valueOf(await opened.client.request({ kind: 'sweep', request }));
    if (kept.sweep === 'experts') throw new Error(kept.sweep);
    expect(kept.points.map(({ value }) => value)).toEqual([0.5, 1]);
    expect(kept.points[1]!.loss).toBe(kept.loss);
    expect(kept.tokens).toBeLessThan(over.tokens);
  });

  it('on texts of one’s own says what the traces of each text say', async () => {
    const opened = await booted();
    await trained(opened, 2);
    const texts = ['the points', '信号落下', 'a', '', 'a signal falls'];
    const request: SweepRequest = { model: live, text: { texts }, sweep: 'experts', modes: ['zero'], seed: 1 };
    const answer = valueOf(await opened.client.request({ kind: 'sweep', request }));
    if (answer.sweep !== 'experts') throw new Error(answer.sweep);
    const { nRoutedExperts: E, numExpertsPerTok: K } = config.model;
    const nats = { plain: 0, muted: new Float64Array(E) };
    let tokens = 0;
    for (const text of texts) {
      for (let expert = 0; expert < E; expert++) {
        const question = ask(text, [mute(expert)]);
        const { baseline, changed } = valueOf(await opened.client.request({ kind: 'trace', question, lens: false }));
        for (let t = 1; t < baseline.tokens; t++) {
          if (expert === 0) nats.plain += baseline.surprise[t]!;
          nats.muted[expert]! += changed!.trace.surprise[t]!;
          tokens += expert === 0 ? 1 : 0;
        }
      }
    }
    expect([answer.documents, answer.tokens]).toEqual([4, tokens]);
    expect(answer.loss).toBeCloseTo(nats.plain / tokens, 5);
    for (let expert = 0; expert < E; expert++)
      expect(answer.maps[0]!.mean[expert]).toBeCloseTo((nats.muted[expert]! - nats.plain) / tokens, 5);
    expect(answer.load.reduce((sum, count) => sum + count, 0)).toBe(tokens * K);
    const kept: SweepRequest = { model: live, text: { texts }, sweep: 'busiest', shares: [0.5, 1] };
    const curve = valueOf(await opened.client.request({ kind: 'sweep', request: kept }));
    if (curve.sweep === 'experts') throw new Error(curve.sweep);
    expect(curve.points[1]!.loss).toBe(curve.loss);
    expect(curve.loss).toBeCloseTo(answer.loss, 6);
    const none = await opened.client.request({ kind: 'sweep', request: { ...kept, text: { texts: [''] } } });
    expect(!none.ok && none.error.code).toBe('no-text');
  });

  it('measures the weights it began with while the run trains on', async () => {
    const opened = await playing();
    const begun = scalarsOf(opened).length;
    let first = 0;
    const onProgress = () => (first ||= scalarsOf(opened).length);
    const answer = valueOf(await opened.client.request({ kind: 'sweep', request: everything }, { onProgress }));
    expect(answer.step).toBeGreaterThanOrEqual(begun);
    expect(scalarsOf(opened).length).toBeGreaterThan(first);
    expect(phaseOf(opened)?.phase).toBe('training');
    valueOf(await opened.client.request({ kind: 'pause' }));
    await until(() => phaseOf(opened)?.phase === 'paused');
  });

  it('stops when it is cancelled or its run ends, and leaves nothing behind', async () => {
    const opened = await booted();
    await trained(opened, 1);
    const before = memory().numTensors;
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const reply = await opened.client.request({ kind: 'sweep', request: everything }, { signal: controller.signal, onProgress });
    expect(reply.ok ? 'measured' : reply.error.code).toBe('cancelled');
    expect(memory().numTensors).toBe(before);
    const ended = opened.client.request({
      kind: 'sweep',
      request: { ...everything, text: { ...everything.text, tokens: 4096 } },
    });
    await trained(opened, 1);
    const end = await ended;
    expect(end.ok ? 'measured' : end.error.code).toBe('no-run');
    expect(memory().numTensors).toBe(before);
  });

  it('of a moment is measured to its end while another moment is looked at', async () => {
    const opened = await booted();
    const everyTokens = config.train.batchSize * config.train.sequenceLength;
    const spacing = { ...DEFAULT_SNAPSHOTS, everyTokens, checkpointEvery: 8 };
    valueOf(await opened.client.request({ kind: 'keepSnapshots', settings: spacing }));
    const { runId } = await trained(opened, 2, { ...config, train: { ...config.train, validationEvery: 0, sampleEvery: 0 } });
    await until(() => opened.news.snapshots.at(-1)?.rungs.length === 2);
    const moment = (step: number) => ({ kind: 'checkpoint', runId, step }) as const;
    const request = { ...everything, model: moment(1) };
    const alone = valueOf(await opened.client.request({ kind: 'sweep', request }));
    const others: Promise<unknown>[] = [];
    const question = { ...ask('the train'), model: moment(2) };
    const onProgress = () => {
      if (others.length === 0) others.push(opened.client.request({ kind: 'trace', question, lens: false }));
    };
    expect(valueOf(await opened.client.request({ kind: 'sweep', request }, { onProgress }))).toEqual(alone);
    expect(await Promise.all(others)).toMatchObject([{ ok: true }]);
  });

  it('is refused where its text or its shape cannot be', async () => {
    const opened = await booted();
    await trained(opened, 1);
    const faults = async (request: SweepRequest) => {
      const reply = await opened.client.request({ kind: 'sweep', request });
      return reply.ok
        ? 'measured'
        : [reply.error.code, ...(reply.error.fields ?? []).map(({ field, rule }) => `${field} ${rule}`)].join('; ');
    };
    expect(await faults({ ...everything, text: { ...everything.text, tokens: 0 } })).toBe('invalid-question; sweep.tokens range');
    expect(await faults({ ...everything, text: { ...everything.text, domains: ['elsewhere'] } })).toBe('no-text');
    expect(await faults({ ...everything, modes: [] } as SweepRequest)).toBe('invalid-question; sweep.modes range');
    const { model, text } = everything;
    expect(await faults({ model, text, sweep: 'busiest', shares: [0.5, 2] })).toBe('invalid-question; sweep.shares range');
  });
});
