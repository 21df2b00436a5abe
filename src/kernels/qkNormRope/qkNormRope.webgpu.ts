// Norm and rotation of q or k on WebGPU: a thread takes one head of one token.
import * as tf from '@tensorflow/tfjs-core';
import { run, type Program } from '../webgpu/program';
import { sumRows } from '../webgpu/sums';
import type { qkNormRopeOperation } from './qkNormRope';

type QkNormRopePath = typeof qkNormRopeOperation.definition;
type Normalise = { normalise: boolean };

const headScale = (normalise: boolean) => `
fn headScale(start: i32) -> f32 {
  ${
    normalise
      ? `var squares = 0.0;
  for (var d = 0; d < uniforms.width; d++) {
    let value = x[start + d];
    squares += value * value;
  }
  return inverseSqrt(squares / f32(uniforms.width) + uniforms.eps);`
      : 'return 1.0;'
  }
}`;

/** The gradient before the rotation: element d of head `head` (tokens × heads), whose token stands at head / heads mod T. */
const rotatedBack = `
fn rotatedBack(head: i32, d: i32) -> f32 {
  let half = uniforms.width / 2;
  let start = head * uniforms.width;
  let pair = d % half;
  let table = ((head / uniforms.heads) % uniforms.positions) * half + pair;
  let first = dy[start + pair];
  let second = dy[start + half + pair];
  if (d < half) { return first * cos_[table] + second * sin_[table]; }
  return second * cos_[table] - first * sin_[table];
}`;

const rotate: Program<Normalise> = {
  name: 'QkNormRope',
  declarations: ({ normalise }) => headScale(normalise),
  body: ({ normalise }) => `
  let half = uniforms.width / 2;
  let start = index * uniforms.width;
  let table = ((index / uniforms.heads) % uniforms.positions) * half;
  let r = headScale(start);
  for (var i = 0; i < half; i++) {
    let first = x[start + i] * r${normalise ? ' * weight[i]' : ''};
    let second = x[start + half + i] * r${normalise ? ' * weight[half + i]' : ''};
    result[start + i] = first * cos_[table + i] - second * sin_[table + i];
    result[start + half + i] = second * cos_[table + i] + first * sin_[table + i];
  }`,
};

const headScales: Program<Record<never, never>> = {
  name: 'HeadScales',
  declarations: () => headScale(true),
  body: () => 'result[index] = headScale(index * uniforms.width);',
};

const normedGradient: Program<Record<never, never>> = {
  name: 'QkNormRopeGradient',
  declarations: () => rotatedBack,
  body: () => `
  let start = index * uniforms.width;
  let r = scale[index];
  var projection = 0.0;
  for (var d = 0; d < uniforms.width; d++) {
    let gradient = rotatedBack(index, d) * weight[d];
    projection += gradient * x[start + d];
    result[start + d] = gradient * r;
  }
  projection *= r * r * r / f32(uniforms.width);
  for (var d = 0; d < uniforms.width; d++) { result[start + d] -= x[start + d] * projection; }`,
};

const plainGradient: Program<Record<never, never>> = {
  name: 'RopeGradient',
  declarations: () => rotatedBack,
  body: () => 'result[index] = rotatedBack(index / uniforms.width, index % uniforms.width);',
};

/** Forward one dispatch; backward four with the norm, one without. */
export const qkNormRopeWebGpu: QkNormRopePath = {
  forward: ({ x, weight, cos: cos_, sin: sin_ }, { eps, normalise }) => {
    const width = weight.size;
    const threads = x.size / width;
    const ints = { width, heads: x.shape[1]! / width, positions: cos_.shape[0]! };
    return [
      run(rotate, {
        inputs: { x, weight, cos_, sin_ },
        shape: x.shape,
        constants: { normalise },
        ints,
        floats: { eps },
        threads,
      }),
    ];
  },
  backward: (dOutputs, { x, weight, cos: cos_, sin: sin_ }, _outputs, { eps, normalise }) => {
    const dy = dOutputs[0]!;
    const width = weight.size;
    const rows = x.size / width;
    const ints = { width, heads: x.shape[1]! / width, positions: cos_.shape[0]! };
    if (!normalise) {
      return {
        x: run(plainGradient, { inputs: { dy, cos_, sin_ }, shape: x.shape, constants: {}, ints }),
        weight: tf.zerosLike(weight),
      };
    }
    const scale = run(headScales, { inputs: { x }, shape: [rows], constants: {}, ints: { width }, floats: { eps } });
    return {
      x: run(normedGradient, {
        inputs: { dy, x, weight, scale, cos_, sin_ },
        shape: x.shape,
        constants: {},
        ints,
        threads: rows,
      }),
      weight: sumRows({
        value: 'rotatedBack(n, c) * x[n * uniforms.width + c] * scale[n]',
        functions: rotatedBack,
        inputs: { dy, x, scale, cos_, sin_ },
        rows,
        columns: width,
        ints,
      }),
    };
  },
};
