// The bias update on WebGPU.
import { runMany, type Program } from '../webgpu/program';
import { biasesOf, type biasUpdateOperation } from './expertBias';

// E·(fair share − load) is a whole number, so its sign is exact, which a GPU's division would not promise.
const update: Program<{ proportional: boolean; recentred: boolean }> = {
  name: 'BiasUpdate',
  declarations: ({ proportional }) => `
fn changeOf(expert: i32, total: f32) -> f32 {
  let shortage = total - totals[expert] * f32(uniforms.experts);
  return uniforms.speed * ${proportional ? 'shortage / total' : 'sign(shortage)'};
}`,
  body: ({ recentred }) => `
  var total = 0.0;
  for (var e = 0; e < uniforms.experts; e++) { total += totals[e]; }
  var middle = 0.0;
  ${recentred ? 'for (var e = 0; e < uniforms.experts; e++) { middle += changeOf(e, total); }' : ''}
  let moved = (changeOf(index, total) - middle / f32(uniforms.experts)) * control[2];
  change[index] = moved;
  next[index] = bias[index] + moved;`,
};

/** One dispatch for as many layers as an adapter binds. */
export const biasUpdateWebGpu: typeof biasUpdateOperation.definition = {
  forward: (inputs, { speed, proportional, recentred }) => {
    const layers = biasesOf(inputs).map(({ totals, bias }) =>
      runMany(update, {
        inputs: { totals, bias, control: inputs['control']! },
        outputs: { change: { shape: [bias.size] }, next: { shape: bias.shape } },
        constants: { proportional, recentred },
        ints: { experts: bias.size },
        floats: { speed },
        threads: bias.size,
      }),
    );
    return [...layers.map(({ change }) => change), ...layers.map(({ next }) => next)];
  },
};
