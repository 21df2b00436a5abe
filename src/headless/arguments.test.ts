import { describe, expect, it } from 'vitest';
import { PRESETS } from '../config/presets';
import { parseEvaluateArguments, parseGenerateArguments, parseTrainArguments } from './arguments';
import { Pace, progressLine } from './progress';
import { Trouble } from './trouble';

const fresh = (...args: string[]) => parseTrainArguments(['--out', 'x', ...args]).fresh!;

const refusal = (parse: () => unknown): string => {
  try {
    parse();
  } catch (thrown) {
    if (thrown instanceof Trouble) return `${thrown.exitCode}: ${thrown.message}`;
    throw thrown;
  }
  return 'none';
};

describe('what was typed', () => {
  it('is the default run where only its folder is named', () => {
    expect(parseTrainArguments(['--out', 'x'])).toEqual({
      out: 'x',
      steps: 400,
      saveEvery: 50,
      workers: null,
      backend: null,
      from: null,
      saveAs: null,
      isTraced: false,
      settings: [],
      fresh: { config: PRESETS.default, changes: [] },
    });
  });

  it('changes any field of the configuration, each in its own kind', () => {
    const { config } = fresh(
      ...[
        'train.seed=7',
        'model.qkNorm=false',
        'train.balanceMode=none',
        'data.domains=poetry,code',
        'train.learningRate=1e-3',
      ].flatMap((setting) => ['--set', setting]),
    );
    expect(config).toEqual({
      model: { ...PRESETS.default.model, qkNorm: false },
      train: { ...PRESETS.default.train, seed: 7, balanceMode: 'none', learningRate: 1e-3 },
      data: { ...PRESETS.default.data, domains: ['poetry', 'code'] },
    });
  });

  it('plans live changes in the order of their steps', () => {
    expect(fresh('--change', '100:balanceMode=none', '--change', '20:learningRate=0.001').changes).toEqual([
      { step: 20, change: { learningRate: 0.001 } },
      { step: 100, change: { balanceMode: 'none' } },
    ]);
  });

  it('of the other commands has defaults too', () => {
    expect(parseEvaluateArguments(['--from', 'x'])).toEqual({ from: 'x', backend: null, tokensPerDomain: 4096, json: false });
    expect(parseGenerateArguments(['--from', 'x', '--temperature', '0'])).toEqual({
      from: 'x',
      backend: null,
      prompt: '',
      tokens: 100,
      temperature: 0,
      seed: 1,
    });
  });

  it.each<[string, string[]]>([
    ['--out is missing: it names the folder of the run.', []],
    ['--steps is 1.5, but has to be a whole number between 0 and', ['--out', 'x', '--steps', '1.5']],
    ['--workers is 17, but has to be a whole number between 1 and 16.', ['--out', 'x', '--workers', '17']],
    ['--backend is gpu, but has to be one of: wasm, cpu, webgpu, webgpu-software.', ['--out', 'x', '--backend', 'gpu']],
    ['--preset is big, but has to be one of: default', ['--out', 'x', '--preset', 'big']],
    ['--set train.seed is not of the form train.seed=7.', ['--out', 'x', '--set', 'train.seed']],
    ['--set names __proto__.x, which is no field', ['--out', 'x', '--set', '__proto__.x=1']],
    ['train.seed=: Seed is', ['--out', 'x', '--set', 'train.seed=']],
    ['train.shards: ', ['--out', 'x', '--set', 'train.shards=3']],
    ['--change 3:batchSize=4: batchSize cannot change while a run trains.', ['--out', 'x', '--change', '3:batchSize=4']],
    ['--change 3:x is not of the form 100:balanceMode=none.', ['--out', 'x', '--change', '3:x']],
    ['--change is x, but has to be a whole number', ['--out', 'x', '--change', 'x:weightDecay=0']],
    ['--preset cannot stand beside --resume', ['--out', 'x', '--resume', '--preset', 'default']],
    ['train.seed=: Seed is', ['--out', 'x', '--resume', '--set', 'train.seed=']],
    ["Unknown option '--fast'", ['--out', 'x', '--fast']],
  ])('is refused with exit code 2: %s', (message, args) => {
    const said = refusal(() => parseTrainArguments(args));
    expect(said.startsWith('2: ')).toBe(true);
    if (message !== 'train.shards: ') expect(said).toContain(message);
    else expect(said).toContain('is not a multiple of');
  });
});

it('the pace is that of the last twenty steps, and the time left follows it', () => {
  const pace = new Pace(0);
  for (let step = 1; step <= 30; step++) pace.lap(step <= 10 ? step * 1000 : 10_000 + (step - 10) * 500);
  expect(pace.stepMs).toBe(500);
  expect(progressLine({ step: 30, steps: 270, loss: 4.2314, tokensPerStep: 2048, stepMs: pace.stepMs })).toBe(
    'step 30/270 · loss 4.231 · 4,096 tokens/s · 2 min 0 s left',
  );
});
