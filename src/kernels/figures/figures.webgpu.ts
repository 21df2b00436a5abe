// Figures on WebGPU: a workgroup finds one, in a fixed order.
import { recordCopies } from '../webgpu/device';
import { run, webGpuVector, type Program } from '../webgpu/program';
import { WORKGROUP } from '../webgpu/text';
import { together } from '../webgpu/together';
import { figuresOf, type figuresOperation } from './figures';

const figure: Program<{ largest: boolean }> = {
  name: 'Figure',
  threads: 'together',
  declarations: () => `var<workgroup> shares: array<f32, ${WORKGROUP}>;`,
  body: ({ largest }) => {
    const joined = (a: string, b: string) => (largest ? `max(${a}, ${b})` : `${a} + ${b}`);
    return `
  var own = ${largest ? '-3.4028234e38' : '0.0'};
  for (var row = index; row < uniforms.rows; row += ${WORKGROUP}) {
    own = ${joined('own', 'x[row * uniforms.width + uniforms.column]')};
  }
  if (index < ${WORKGROUP}) { shares[index] = own; }
  workgroupBarrier();
  if (index == 0) {
    var total = shares[0];
    for (var n = 1; n < ${WORKGROUP}; n++) { total = ${joined('total', 'shares[n]')}; }
    result[0] = total * uniforms.factor;
  }`;
  },
};

/** As many figures a dispatch as an adapter binds pairs of tensors. */
export const figuresWebGpu: typeof figuresOperation.definition = {
  forward: (inputs, attributes) => {
    const list = figuresOf(inputs, attributes);
    const found = together(() =>
      list.map(({ of, width, column, kind }) =>
        run(figure, {
          inputs: { x: of },
          shape: [1],
          constants: { largest: kind === 'largest' },
          ints: { rows: of.size / width, width, column },
          floats: { factor: kind === 'largest' ? 1 : kind.factor },
          threads: WORKGROUP,
        }),
      ),
    );
    const told = webGpuVector(list.length);
    recordCopies(found.map((source, targetAt) => ({ source, sourceAt: 0, target: told, targetAt, count: 1 })));
    return [told];
  },
};
