// The bias update on WebGPU.
import { run, type Program } from '../webgpu/program';
import type { biasUpdateOperation } from './expertBias';

type BiasUpdatePath = typeof biasUpdateOperation.definition;

// E·(fair share − load) is a whole number, so its sign is exact, which a GPU's division would not promise.
const update: Program<{ proportional: boolean; recentred: boolean }> = {
  name: 'BiasUpdate',
  declarations: ({ proportional }) => `
fn change(expert: i32, total: f32) -> f32 {
  let shortage = total - load[expert] * f32(uniforms.experts);
  return uniforms.speed * ${proportional ? 'shortage / total' : 'sign(shortage)'};
}`,
  body: ({ recentred }) => `
  var total = 0.0;
  for (var e = 0; e < uniforms.experts; e++) { total += load[e]; }
  var middle = 0.0;
  ${recentred ? 'for (var e = 0; e < uniforms.experts; e++) { middle += change(e, total); }' : ''}
  result[index] = change(index, total) - middle / f32(uniforms.experts);`,
};

/** One dispatch. */
export const biasUpdateWebGpu: BiasUpdatePath = {
  forward: ({ load }, { speed, proportional, recentred }) => [
    run(update, {
      inputs: { load },
      shape: load.shape,
      constants: { proportional, recentred },
      ints: { experts: load.size },
      floats: { speed },
    }),
  ],
};
