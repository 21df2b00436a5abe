// The dense SwiGLU of dots.llm1: first layers, shared experts, dense models.
import { linear } from '../kernels/linear/linear';
import { swiglu } from '../kernels/swiglu/swiglu';
import type { Tensor } from '../kernels/tensor';

/** down(silu(gate x)·up x). @param x [N, C] @returns [N, C] */
export function mlp(x: Tensor, { gate, up, down }: { gate: Tensor; up: Tensor; down: Tensor }): Tensor {
  return linear(swiglu(linear(x, gate), linear(x, up)), down);
}
