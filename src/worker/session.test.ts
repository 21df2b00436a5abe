// The engine behind its door: everything the page can ask, over a real channel, on the backend of this test project.
import { afterEach, describe, expect, it } from 'vitest';
import { TOKENS_PATH } from '../data/corpus';
import { booted, closePages, config, corpusFiles, phaseOf, routingOf, scalarsOf, trained, until } from '../testing/enginePage';
import { memory } from '../kernels/tensor';
import { valueOf } from '../testing/fixtureModel';

afterEach(closePages);

describe('the session', () => {
  it('trains the steps it is asked for, and tells of each: scalars, routing, the batch, validation, a sample', async () => {
    const opened = await booted();
    valueOf(await opened.client.request({ kind: 'samplePrompt', prompt: 'the signal' }));
    const info = await trained(opened, 2);
    await until(() => opened.news.samples.length > 0 && opened.news.validation.length > 0);
    expect(info.epochTokens).toBeGreaterThan(1000);
    const [told, ...more] = opened.news.baselines;
    expect(told!.baselines.uniform).toBeCloseTo(Math.log(2048), 6);
    expect(more).toEqual([]);
    expect(scalarsOf(opened).map(({ step }) => step)).toEqual([1, 2]);
    expect(scalarsOf(opened)[0]!.loss).toBeCloseTo(Math.log(2048), 0);
    const assignments = config.train.batchSize * config.train.sequenceLength * config.model.numExpertsPerTok;
    for (const { load, layers } of routingOf(opened))
      expect(load.reduce((sum, value) => sum + value, 0)).toBe(layers * assignments);
    const { window } = opened.news.batch.at(-1)!;
    expect(window.pieces.join('').length).toBeGreaterThan(10);
    expect([...window.chosen].every((expert) => expert < config.model.nRoutedExperts)).toBe(true);
    const [validation] = opened.news.validation.at(-1)!.results;
    expect(validation!.domains.map(({ language }) => language).sort()).toEqual(['en', 'zh']);
    expect(validation!.load.reduce((sum, value) => sum + value, 0)).toBeCloseTo(config.model.numExpertsPerTok, 4);
    expect(opened.news.samples.at(-1)!.results.at(-1)!.text.startsWith('the signal')).toBe(true);
  });

  it('repeats a run bit for bit, live changes included, from its log', async () => {
    const first = await booted();
    await trained(first, 2);
    valueOf(await first.client.request({ kind: 'change', change: { balanceMode: 'none', learningRate: 0.01 } }));
    valueOf(await first.client.request({ kind: 'step', count: 2 }));
    await until(() => scalarsOf(first).length === 4 && phaseOf(first)?.phase === 'paused');
    const log = valueOf(await first.client.request({ kind: 'runLog' }));
    expect(log.steps).toBe(4);
    const again = await booted();
    valueOf(await again.client.request({ kind: 'createRun', config: log.config, replay: log.changes }));
    valueOf(await again.client.request({ kind: 'step', count: 4 }));
    await until(() => scalarsOf(again).length === 4);
    expect(scalarsOf(again).map(({ loss }) => loss)).toEqual(scalarsOf(first).map(({ loss }) => loss));
  });

  it('a warm-up leaves nothing behind: the run after it is the run without it', async () => {
    const opened = await booted();
    await trained(opened, 2);
    const warmed = await booted();
    const before = memory().numTensors;
    valueOf(await warmed.client.request({ kind: 'warmUp', config }));
    expect(memory().numTensors).toBe(before);
    expect(warmed.news.phase.filter(({ phase }) => phase !== 'none')).toEqual([]);
    await trained(warmed, 2);
    expect(scalarsOf(warmed).map(({ loss }) => loss)).toEqual(scalarsOf(opened).map(({ loss }) => loss));
    const refused = await warmed.client.request({
      kind: 'warmUp',
      config: { ...config, model: { ...config.model, headDim: 7 } },
    });
    expect(!refused.ok && refused.error.code).toBe('invalid-config');
  });

  it('plays until paused, and answers a prompt while it trains', async () => {
    const opened = await booted();
    valueOf(
      await opened.client.request({
        kind: 'createRun',
        config: { ...config, train: { ...config.train, validationEvery: 0, sampleEvery: 0 } },
      }),
    );
    valueOf(await opened.client.request({ kind: 'play' }));
    await until(() => scalarsOf(opened).length > 0);
    const request = { model: { kind: 'live' } as const, prompt: '信号', tokens: 2, temperature: 0, seed: 1 };
    const sample = valueOf(await opened.client.request({ kind: 'sample', request }));
    expect(sample.text.startsWith('信号')).toBe(true);
    expect(phaseOf(opened)?.phase).toBe('training');
    valueOf(await opened.client.request({ kind: 'pause' }));
    await until(() => phaseOf(opened)?.phase === 'paused');
  });

  it('a new run begins at step 0 and ends the one before it', async () => {
    const opened = await booted();
    const first = await trained(opened, 2);
    const second = await trained(opened, 1);
    expect(second.runId).not.toBe(first.runId);
    expect(opened.news.steps.at(-1)!.runId).toBe(second.runId);
    expect(scalarsOf(opened).map(({ loss }) => loss)[2]).toBe(scalarsOf(opened)[0]!.loss);
  });

  it('refuses what it cannot do, and says why', async () => {
    const opened = await booted();
    const play = await opened.client.request({ kind: 'play' });
    expect(!play.ok && play.error.code).toBe('no-run');
    const broken = await opened.client.request({
      kind: 'createRun',
      config: { ...config, model: { ...config.model, headDim: 7 } },
    });
    expect(!broken.ok && broken.error.code).toBe('invalid-config');
    expect(!broken.ok && broken.error.fields?.map(({ field, rule }) => `${field} ${rule}`)).toEqual(['model.headDim even']);
    const small = await opened.client.request({
      kind: 'createRun',
      config: { ...config, model: { ...config.model, vocabSize: 300 } },
    });
    expect(!small.ok && small.error.fields?.[0]?.field).toBe('model.vocabSize');
    const textless = await opened.client.request({
      kind: 'createRun',
      config: { ...config, data: { domains: ['elsewhere'], chineseShare: 0.5 } },
    });
    expect(!textless.ok && textless.error.code).toBe('no-text');
    const request = { model: { kind: 'shipped', step: 1 } as const, prompt: '', tokens: 1, temperature: 0, seed: 1 };
    const sample = await opened.client.request({ kind: 'sample', request });
    expect(!sample.ok && sample.error.code).toBe('model-unavailable');
  });

  it('names a missing corpus and a damaged one', async () => {
    const missing = await booted({});
    const first = await missing.client.request({ kind: 'corpus' });
    expect(!first.ok && first.error.code).toBe('corpus-missing');
    const files = await corpusFiles();
    files[TOKENS_PATH]![0]! ^= 1;
    const damaged = await booted(files);
    const second = await damaged.client.request({ kind: 'corpus' });
    expect(!second.ok && second.error.code).toBe('corpus-damaged');
  });
});
