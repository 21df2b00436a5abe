// The sequence-wise balance loss on WebGPU: a workgroup takes a sequence. The frequencies are kept for the way back.
import type { Tensor } from '@tensorflow/tfjs-core';
import { selectionFunctions, type Selection } from '../router/selection.webgpu';
import { recordCopies } from '../webgpu/device';
import { run, runMany, webGpuVector, type Program } from '../webgpu/program';
import { WORKGROUP } from '../webgpu/text';
import { together } from '../webgpu/together';
import type { sequenceBalanceOperation } from './sequenceBalance';

type SequenceBalancePath = typeof sequenceBalanceOperation.definition;

const losses: Program<Selection & { experts: number }> = {
  name: 'SequenceBalance',
  threads: 'together',
  declarations: (constants) => `${selectionFunctions(constants)}
var<workgroup> often${constants.experts}: array<f32, ${constants.experts}>;
var<workgroup> shares: array<f32, ${WORKGROUP}>;`,
  body: ({ experts }) => `
  let local = index % ${WORKGROUP};
  let sequence = index / ${WORKGROUP};
  let first = sequence * uniforms.positions;
  if (sequence < uniforms.sequences) {
    for (var e = local; e < ${experts}; e += ${WORKGROUP}) {
      var picks = 0;
      for (var n = first; n < first + uniforms.positions; n++) {
        if (rankOf(n, e, false) < uniforms.chosenCount) { picks++; }
      }
      let frequency = f32(picks) * f32(${experts}) / f32(uniforms.chosenCount * uniforms.positions);
      often${experts}[e] = frequency;
      often[sequence * ${experts} + e] = frequency;
    }
  }
  workgroupBarrier();
  var own = 0.0;
  if (sequence < uniforms.sequences) {
    for (var n = first + local; n < first + uniforms.positions; n += ${WORKGROUP}) {
      var sums = vec2<f32>(0.0);
      for (var e = 0; e < ${experts}; e++) {
        let s = scores[n * ${experts} + e];
        sums += vec2<f32>(s, s * often${experts}[e]);
      }
      own += sums.y / sums.x;
    }
  }
  shares[local] = own;
  workgroupBarrier();
  if (local == 0 && sequence < uniforms.sequences) {
    var total = 0.0;
    for (var n = 0; n < ${WORKGROUP}; n++) { total += shares[n]; }
    loss[sequence] = total / f32(uniforms.positions);
  }`,
};

const gradient: Program<Record<never, never>> = {
  name: 'SequenceBalanceGradient',
  body: () => `
  let sequence = index / uniforms.positions;
  var sums = vec2<f32>(0.0);
  for (var e = 0; e < uniforms.experts; e++) {
    let s = scores[index * uniforms.experts + e];
    sums += vec2<f32>(s, s * often[sequence * uniforms.experts + e]);
  }
  let factor = dLoss[uniforms.start + sequence] / (sums.x * f32(uniforms.positions));
  for (var e = 0; e < uniforms.experts; e++) {
    result[index * uniforms.experts + e] = factor * (often[sequence * uniforms.experts + e] - sums.y / sums.x);
  }`,
};

/** One dispatch each way for as many layers as an adapter binds. Saves the frequencies of each layer, [B, E]. */
export const sequenceBalanceWebGpu: SequenceBalancePath = {
  forward: (inputs, { sequences, expertsPerToken: chosenCount }) => {
    const layers = together(() =>
      Object.values(inputs).map((scores) => {
        const [N, experts] = scores.shape as [number, number];
        return runMany(losses, {
          inputs: { scores },
          outputs: { loss: { shape: [sequences] }, often: { shape: [sequences, experts] } },
          constants: { groups: 1, topGroups: 1, biased: false, experts },
          ints: { experts, positions: N / sequences, chosenCount, sequences },
          threads: sequences * WORKGROUP,
        });
      }),
    );
    const target = webGpuVector(layers.length * sequences);
    recordCopies(layers.map(({ loss }, n) => ({ source: loss, sourceAt: 0, target, targetAt: n * sequences, count: sequences })));
    return [target, ...layers.map(({ often }) => often)];
  },
  backward: ([dLoss], inputs, [, ...often], { sequences }) =>
    together(() => {
      const gradientOf = (scores: Tensor, layer: number): Tensor => {
        const [N, experts] = scores.shape as [number, number];
        return run(gradient, {
          inputs: { dLoss: dLoss!, scores, often: often[layer]! },
          shape: [N, experts],
          constants: {},
          ints: { experts, positions: N / sequences, start: layer * sequences },
          threads: N,
        });
      };
      return Object.fromEntries(Object.entries(inputs).map(([name, scores], layer) => [name, gradientOf(scores, layer)]));
    }),
};
