// The mixture-of-experts layer of dots.llm1.
import type { ModelConfig } from '../config/modelConfig';
import { addition } from '../kernels/addition/addition';
import { sortByExpert } from '../kernels/assignments/assignments';
import { runExperts } from '../kernels/experts/experts';
import { linear } from '../kernels/linear/linear';
import { swiglu } from '../kernels/swiglu/swiglu';
import type { Tensor } from '../kernels/tensor';
import type { MoeParameters } from './parameters';
import type { RouterInputs, Routing } from './routing';
import { decide, sharedShare } from './steering';

/** Which experts the tokens go to, with what weight. @param x [N, C] */
export function route(x: Tensor, router: Tensor, inputs: RouterInputs, config: ModelConfig): Routing {
  const decision = decide(linear(x, router), inputs, config);
  return { ...decision, ...sortByExpert(decision.chosen, decision.weights, config.nRoutedExperts) };
}

/** y = Σ_I w_i·SwiGLU_i(x) + SwiGLU_shared(x). No token is dropped. @param x [N, C] */
export function moe(
  x: Tensor,
  parameters: MoeParameters,
  inputs: RouterInputs,
  config: ModelConfig,
): { y: Tensor; routing: Routing } {
  const routing = route(x, parameters.router, inputs, config); // [N, K]
  const routed = runRouted(x, routing, parameters); // [N, C]
  const shared = runShared(x, parameters, inputs); // [N, C]
  return { y: shared ? addition(routed, shared) : routed, routing };
}

/** Σ_I w_i·SwiGLU_i(x). @param x [N, C] */
export function runRouted(x: Tensor, { weights, chosen, offsets, order, position }: Routing, { experts }: MoeParameters): Tensor {
  return runExperts(x, weights, chosen, { offsets, order, position }, experts);
}

/** SwiGLU_shared(x); null where the model has no shared experts. @param x [N, C] */
export function runShared(x: Tensor, { shared }: MoeParameters, { steering }: RouterInputs): Tensor | null {
  return shared ? sharedShare(swiglu(x, shared), steering) : null;
}
