// Packing on WebGPU: floats are copied from buffer to buffer, which takes no dispatch; whole numbers are turned into floats first.
import { recordCopies } from '../webgpu/device';
import { run, webGpuVector, type Program } from '../webgpu/program';
import { together } from '../webgpu/together';
import { piecesOf, type packedOperation } from './packed';

const asFloats: Program<Record<never, never>> = {
  name: 'WholesAsFloats',
  body: () => 'result[index] = f32(x[uniforms.start + index]);',
};

/** One dispatch for as many whole-number pieces as an adapter binds pairs of tensors; none for floats. */
export const packedWebGpu: typeof packedOperation.definition = {
  forward: (inputs, attributes) => {
    const floats = together(() =>
      piecesOf(inputs, attributes).map(({ of, start, count }) =>
        of.dtype === 'float32'
          ? { of, start, count }
          : { of: run(asFloats, { inputs: { x: of }, shape: [count], constants: {}, ints: { start } }), start: 0, count },
      ),
    );
    const target = webGpuVector(floats.reduce((sum, { count }) => sum + count, 0));
    let targetAt = 0;
    recordCopies(
      floats.map(({ of, start, count }) => ({
        source: of,
        sourceAt: start,
        target,
        targetAt: (targetAt += count) - count,
        count,
      })),
    );
    return [target];
  },
};
