// Norm and rotation of q or k on WebGPU: a thread takes one head of one token.
import * as tf from '@tensorflow/tfjs-core';
import { run, runMany, type Program } from '../webgpu/program';
import { sumRows } from '../webgpu/sums';
import type { QkNormRopeAttributes, qkNormRopeOperation } from './qkNormRope';

type Tensor = tf.Tensor;
type QkNormRopePath = typeof qkNormRopeOperation.definition;
type Normalise = { normalise: boolean };

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
  body: ({ normalise }) => `
  let half = uniforms.width / 2;
  let start = index * uniforms.width;
  let table = ((index / uniforms.heads) % uniforms.positions) * half;
  ${
    normalise
      ? `var squares = 0.0;
  for (var d = 0; d < uniforms.width; d++) { squares += x[start + d] * x[start + d]; }
  let r = inverseSqrt(squares / f32(uniforms.width) + uniforms.eps);
  scale[index] = r;`
      : ''
  }
  for (var i = 0; i < half; i++) {
    let first = x[start + i]${normalise ? ' * r * weight[i]' : ''};
    let second = x[start + half + i]${normalise ? ' * r * weight[half + i]' : ''};
    turned[start + i] = first * cos_[table + i] - second * sin_[table + i];
    turned[start + half + i] = second * cos_[table + i] + first * sin_[table + i];
  }`,
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

/** What both directions are launched with. */
function common(x: Tensor, cos: Tensor) {
  const width = 2 * cos.shape[1]!;
  return { rows: x.size / width, ints: { width, heads: x.shape[1]! / width, positions: cos.shape[0]! } };
}

/** @returns the turned heads, and where they are normed each one's scale */
function turn(x: Tensor, weight: Tensor, cos_: Tensor, sin_: Tensor, { eps, normalise }: QkNormRopeAttributes): Tensor[] {
  const { rows, ints } = common(x, cos_);
  const launch = { constants: { normalise }, ints, threads: rows };
  if (!normalise)
    return [runMany(rotate, { ...launch, inputs: { x, cos_, sin_ }, outputs: { turned: { shape: x.shape } } }).turned];
  const { turned, scale } = runMany(rotate, {
    ...launch,
    inputs: { x, weight, cos_, sin_ },
    outputs: { turned: { shape: x.shape }, scale: { shape: [rows] } },
    floats: { eps },
  });
  return [turned, scale];
}

function turnBack(dy: Tensor, x: Tensor, weight: Tensor, cos_: Tensor, sin_: Tensor, scale: Tensor | undefined) {
  const { rows, ints } = common(x, cos_);
  if (!scale) {
    return {
      x: run(plainGradient, { inputs: { dy, cos_, sin_ }, shape: x.shape, constants: {}, ints }),
      weight: tf.zerosLike(weight),
    };
  }
  const inputs = { dy, x, scale, cos_, sin_ };
  return {
    x: run(normedGradient, { inputs: { ...inputs, weight }, shape: x.shape, constants: {}, ints, threads: rows }),
    weight: sumRows({
      value: 'rotatedBack(n, c) * x[n * uniforms.width + c] * scale[n]',
      functions: rotatedBack,
      inputs,
      rows,
      columns: weight.size,
      ints,
    }),
  };
}

/** Forward one dispatch; backward two with the norm, one without. With the norm it saves the scales of all heads of q, then of k. */
export const qkNormRopeWebGpu: QkNormRopePath = {
  forward: ({ q, k, qWeight, kWeight, cos, sin }, attributes) => {
    const [turnedQ, ...scaleQ] = turn(q, qWeight, cos, sin, attributes);
    const [turnedK, ...scaleK] = turn(k, kWeight, cos, sin, attributes);
    return [turnedQ!, turnedK!, ...scaleQ, ...scaleK];
  },
  backward: ([dq, dk], { q, k, qWeight, kWeight, cos, sin }, [, , scaleQ, scaleK]) => {
    const ofQ = turnBack(dq!, q, qWeight, cos, sin, scaleQ);
    const ofK = turnBack(dk!, k, kWeight, cos, sin, scaleK);
    return { q: ofQ.x, k: ofK.x, qWeight: ofQ.weight, kWeight: ofK.weight };
  },
};
