// Cross entropy on WebGPU: logsumexp once a row, everything else from it.
import { run, runMany, type Program } from '../webgpu/program';
import type { crossEntropyOperation } from './crossEntropy';

type CrossEntropyPath = typeof crossEntropyOperation.definition;

// A target outside the vocabulary picks nothing, as a row of zeros would.
const losses: Program<Record<never, never>> = {
  name: 'CrossEntropy',
  body: () => `
  let row = index * uniforms.width;
  var peak = logits[row];
  for (var v = 1; v < uniforms.width; v++) { peak = max(peak, logits[row + v]); }
  var total = 0.0;
  for (var v = 0; v < uniforms.width; v++) { total += exp(logits[row + v] - peak); }
  let sum = peak + log(total);
  let wanted = targets[index];
  let known = wanted >= 0 && wanted < uniforms.width;
  logSumExp[index] = sum;
  loss[index] = sum - select(0.0, logits[row + clamp(wanted, 0, uniforms.width - 1)], known);`,
};

const logitGradient: Program<Record<never, never>> = {
  name: 'CrossEntropyGradient',
  body: () => `
  let n = index / uniforms.width;
  let hit = select(0.0, 1.0, targets[n] == index % uniforms.width);
  result[index] = (exp(logits[index] - logSumExp[n]) - hit) * dLoss[n];`,
};

/** One dispatch forward, one backward. */
export const crossEntropyWebGpu: CrossEntropyPath = {
  forward: ({ logits, targets }) => {
    const [N, width] = logits.shape as [number, number];
    const outputs = { loss: { shape: [N] }, logSumExp: { shape: [N] } };
    const { loss, logSumExp } = runMany(losses, {
      inputs: { logits, targets },
      outputs,
      constants: {},
      ints: { width },
      threads: N,
    });
    return [loss, logSumExp];
  },
  backward: (dOutputs, { logits, targets }, outputs) => ({
    logits: run(logitGradient, {
      inputs: { logits, targets, logSumExp: outputs[1]!, dLoss: dOutputs[0]! },
      shape: logits.shape,
      constants: {},
      ints: { width: logits.shape[1]! },
    }),
  }),
};
