import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { RunConfig } from '../config/trainConfig';
import { quickest } from '../testing/quickest';
import type { SpecsOf } from './runParts';
import { decodeRunState, encodeRunState, type RunState } from './runState';
import { readSafetensors, writeSafetensors, type SafeTensor } from './safetensors';
import { readHeader } from './safetensorsHeader';

/** Two parameters are enough to say everything about the format. */
const specs: SpecsOf = ({ hiddenSize }) => [
  { name: 'model.norm.weight', shape: [hiddenSize] },
  { name: 'lm_head.weight', shape: [2, hiddenSize] },
];

const floats = (size: number, first: number): Float32Array =>
  Float32Array.from({ length: size }, (_, index) => first + index / 3);

// Written out, as the golden file has it: a preset may change.
const config: RunConfig = {
  model: {
    vocabSize: 2048,
    hiddenSize: 8,
    intermediateSize: 256,
    moeIntermediateSize: 24,
    numHiddenLayers: 2,
    numAttentionHeads: 4,
    numKeyValueHeads: 4,
    headDim: 32,
    nRoutedExperts: 4,
    nSharedExperts: 2,
    numExpertsPerTok: 2,
    nGroup: 1,
    topkGroup: 1,
    normTopkProb: true,
    routedScalingFactor: 1,
    firstKDenseReplace: 1,
    rmsNormEps: 1e-5,
    ropeTheta: 10_000,
    maxPositionEmbeddings: 512,
    initializerRange: 0.02,
    qkNorm: true,
  },
  train: {
    seed: 7,
    batchSize: 16,
    sequenceLength: 128,
    shards: 4,
    learningRate: 2e-3,
    beta1: 0.9,
    beta2: 0.95,
    adamEpsilon: 1e-8,
    weightDecay: 0.1,
    gradientClip: 1,
    warmupSteps: 100,
    stableSteps: 200,
    decaySteps: 100,
    finalLearningRate: 5e-5,
    balanceMode: 'sign',
    biasUpdateSpeed: 1e-2,
    finalBiasUpdateSpeed: 5e-4,
    sequenceLossWeight: 1e-4,
    validationEvery: 50,
    sampleEvery: 0,
    sampleTokens: 48,
  },
  data: { domains: ['poetry', 'code'], chineseShare: 0.5 },
};

const state: RunState = {
  runId: '0123456789abcdef',
  config,
  identity: { backend: 'wasm', kernels: '', build: '0.1.0', corpus: 'c0', tokenizer: 'd0' },
  step: 120,
  changes: [
    { step: 0, change: { learningRate: 1e-3 } },
    { step: 120, change: { balanceMode: 'none', weightDecay: 0 } },
  ],
  upcoming: [{ step: 121, change: { gradientClip: 2 } }],
  historyPosition: 98_765,
  parameters: [floats(8, 1), floats(16, 2)],
  firstMoments: [floats(8, 3), floats(16, 4)],
  secondMoments: [floats(8, 5), floats(16, 6)],
  biases: [floats(4, -1)],
};

const file = encodeRunState(state, specs);
const tensors = readSafetensors(file);
const KEY = 'switchyard.run-state';
const header = readHeader(file);
const json = header.ok ? header.value.metadata.get(KEY)! : '';

/** The file with its JSON part or its tensors changed. */
function spoilt(
  change: (json: Record<string, unknown>) => unknown,
  more: readonly (readonly [string, SafeTensor | null])[] = [],
): Uint8Array {
  const parts = JSON.parse(json) as Record<string, unknown>;
  const replaced = change(parts) ?? parts;
  const kept = new Map(tensors.ok ? tensors.value : []);
  for (const [name, tensor] of more) {
    if (tensor) kept.set(name, tensor);
    else kept.delete(name);
  }
  return writeSafetensors(kept, new Map([[KEY, typeof replaced === 'string' ? replaced : JSON.stringify(replaced)]]));
}

/** The file's texts, and `count` whole numbers of 64 bits for tensors. */
function wholeNumbers(count: number): Uint8Array {
  const head = { __metadata__: { [KEY]: json }, a: { dtype: 'I64', shape: [count], data_offsets: [0, count * 8] } };
  const text = new TextEncoder().encode(JSON.stringify(head));
  const bytes = new Uint8Array(8 + text.length + count * 8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const offenceOf = (bytes: Uint8Array): string => {
  const decoded = decodeRunState(bytes, specs);
  return decoded.ok ? 'none' : `${decoded.error.offence}: ${decoded.error.detail}`;
};

it('a state comes back from its file as it was, to the bit', () => {
  expect(decodeRunState(file, specs)).toEqual({ ok: true, value: state });
});

it('a second moment that outgrew its type comes back as it was', () => {
  const grown = { ...state, secondMoments: [floats(8, 5).fill(Infinity, 3, 4), floats(16, 6)] };
  expect(decodeRunState(encodeRunState(grown, specs), specs)).toEqual({ ok: true, value: grown });
});

it('a file of version 1 from the past is still read', () => {
  const golden = readFileSync(fileURLToPath(new URL('golden/run-state-v1.safetensors', import.meta.url)));
  expect(decodeRunState(golden, specs)).toEqual({ ok: true, value: state });
});

it('parameters and biases keep their published names, so that other tools can read the file', () => {
  expect(tensors.ok && [...tensors.value.keys()]).toEqual([
    'model.norm.weight',
    'lm_head.weight',
    'first_moment.model.norm.weight',
    'first_moment.lm_head.weight',
    'second_moment.model.norm.weight',
    'second_moment.lm_head.weight',
    'model.layers.1.mlp.gate.e_score_correction_bias',
  ]);
});

describe('what is no whole state is refused, and the offence named', () => {
  const missing = [['lm_head.weight', null]] as const;
  const reshaped: readonly [string, SafeTensor] = ['lm_head.weight', { shape: [16], values: floats(16, 0) }];
  const whole: readonly [string, SafeTensor] = ['model.norm.weight', { shape: [8], values: new Int32Array(8) }];
  const flat = (name: string, values: number[]): readonly [string, SafeTensor] => [
    name,
    { shape: [8], values: Float32Array.from([...values, 1, 1, 1, 1, 1, 1]) },
  ];
  const extra: readonly [string, SafeTensor] = ['extra', { shape: [1], values: floats(1, 0) }];
  it.each<[string, Uint8Array, string]>([
    ['no safetensors', new Uint8Array(3), 'container: truncated'],
    ['a file cut short', file.subarray(0, file.length - 4), 'container: truncated'],
    ['weights without a state', writeSafetensors(new Map()), 'no-run-state: its metadata has no switchyard.run-state'],
    ['no JSON', spoilt(() => 'step'), 'no-run-state: switchyard.run-state is not JSON'],
    ['no object', spoilt(() => [1]), 'no-run-state: switchyard.run-state is not an object'],
    ['a later version', spoilt((parts) => void (parts.version = 2)), 'version: version 2; this build reads 1'],
    ['a step that is no count', spoilt((parts) => void (parts.step = 1.5)), 'field: step is not a count'],
    ['a step that is not finite', spoilt((parts) => void (parts.step = null)), 'field: step is not a count'],
    ['a run without a name', spoilt((parts) => void (parts.runId = '../x')), 'field: runId is not an identifier'],
    ['a missing identity', spoilt((parts) => void (parts.identity = { backend: 'wasm' })), 'field: identity.kernels is not'],
    ['no position', spoilt((parts) => void delete parts.historyPosition), 'field: historyPosition is not a count'],
    ['a config that is none', spoilt((parts) => void (parts.config = {})), 'config: model (type), train (type), data (type)'],
    ['no log', spoilt((parts) => void (parts.changes = 3)), 'field: changes is not a list'],
    [
      'a change from the future among the past',
      spoilt((parts) => void (parts.changes = [{ step: 121, change: { weightDecay: 0 } }])),
      'field: changes[0].step is not a step from 0 to 120',
    ],
    [
      'changes out of order',
      spoilt((parts) => void (parts.upcoming = [130, 125].map((step) => ({ step, change: { weightDecay: 0 } })))),
      'field: upcoming[1].step is not a step from 130',
    ],
    [
      'a change of what cannot change',
      spoilt((parts) => void (parts.upcoming = [{ step: 130, change: { batchSize: 1 } }])),
      'field: upcoming[0].change is not a change: train.batchSize',
    ],
    ['a missing tensor', spoilt(() => null, missing), 'tensor: lm_head.weight is missing'],
    ['a tensor of another shape', spoilt(() => null, [reshaped]), 'tensor: lm_head.weight is [16], expected [2, 8]'],
    ['a tensor of another type', spoilt(() => null, [whole]), 'tensor: model.norm.weight is not F32'],
    [
      'weights that are no numbers',
      spoilt(() => null, [flat('model.norm.weight', [NaN, Infinity])]),
      'model.norm.weight has 2 values',
    ],
    [
      'a moment that is no number',
      spoilt(() => null, [flat('second_moment.model.norm.weight', [Infinity, NaN])]),
      'tensor: second_m',
    ],
    ['brackets a million deep', spoilt(() => `{"version":${'['.repeat(1e6)}`), 'more than 64 levels'],
    ['a million changes of nothing', spoilt(() => `{"changes":[${'{},'.repeat(1e6)}1]}`), 'more than 300000 items'],
    ['a key twice', spoilt(() => json.replace('"step":120', '"step":1,"step":120')), '"step" comes twice'],
    [
      'a parent with values of a million letters',
      spoilt((parts) => {
        const change = { field: 'train.balanceMode', from: 'sign', to: 'x'.repeat(1e6) };
        parts.parent = { runId: 'aa', step: 1, changed: [change] };
      }),
      'field: parent.changed is not a list of fields',
    ],
    ['a version of a million letters', spoilt((parts) => void (parts.version = 'x'.repeat(1e6))), 'version: version xxx'],
    ['a name of a million letters', spoilt(() => null, [['x'.repeat(1e6), extra[1]]]), 'belongs to no part of this model'],
    ['a tensor of nothing', spoilt(() => null, [extra]), 'tensor: "extra" belongs to no part of this model'],
  ])('%s', (_, bytes, offence) => {
    expect(offenceOf(bytes)).toContain(offence);
    expect(offenceOf(bytes).length).toBeLessThan(400);
  });

  it('within 200 ms, and before a value is read, be it 32 MB of whole numbers', async () => {
    const wide = wholeNumbers(4_000_000);
    const before = process.memoryUsage().arrayBuffers;
    const [offence, milliseconds] = await quickest(200, () => offenceOf(wide));
    expect(offence).toContain('model.norm.weight is missing');
    expect(milliseconds).toBeLessThan(200);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(wide.length / 2);
  });

  it('a file cut at any byte', () => {
    for (let length = 0; length < file.length; length++) expect(offenceOf(file.subarray(0, length))).not.toBe('none');
  });
});
