// Cross entropy on WebGPU: logsumexp once a row, everything else from it.
import { run, type Program } from '../webgpu/program';
import type { crossEntropyOperation } from './crossEntropy';

type CrossEntropyPath = typeof crossEntropyOperation.definition;

const logSumExpRows: Program<Record<never, never>> = {
  name: 'LogSumExp',
  body: () => `
  let row = index * uniforms.width;
  var peak = logits[row];
  for (var v = 1; v < uniforms.width; v++) { peak = max(peak, logits[row + v]); }
  var total = 0.0;
  for (var v = 0; v < uniforms.width; v++) { total += exp(logits[row + v] - peak); }
  result[index] = peak + log(total);`,
};

// A target outside the vocabulary picks nothing, as a row of zeros would.
const losses: Program<Record<never, never>> = {
  name: 'TokenLoss',
  body: () => `
  let target_ = targets[index];
  let known = target_ >= 0 && target_ < uniforms.width;
  let chosen = select(0.0, logits[index * uniforms.width + clamp(target_, 0, uniforms.width - 1)], known);
  result[index] = logSumExp[index] - chosen;`,
};

const logitGradient: Program<Record<never, never>> = {
  name: 'CrossEntropyGradient',
  body: () => `
  let n = index / uniforms.width;
  let hit = select(0.0, 1.0, targets[n] == index % uniforms.width);
  result[index] = (exp(logits[index] - logSumExp[n]) - hit) * dLoss[n];`,
};

/** Two dispatches forward, one backward. */
export const crossEntropyWebGpu: CrossEntropyPath = {
  forward: ({ logits, targets }) => {
    const [N, width] = logits.shape as [number, number];
    const logSumExp = run(logSumExpRows, { inputs: { logits }, shape: [N], constants: {}, ints: { width } });
    return [run(losses, { inputs: { logits, targets, logSumExp }, shape: [N], constants: {}, ints: { width } }), logSumExp];
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
