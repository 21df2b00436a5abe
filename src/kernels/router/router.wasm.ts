// The router on the WASM heap: scores, groups, choice, weights and diagnostics in one pass.
import type { Heap } from '../wasm/heap';
import type { routerOperation } from './router';

/** Distance of two tokens' rows in a router input: 0 where one row serves all of them. */
const rowStep = ({ shape }: { shape: number[] }): number => (shape[0] === 1 ? 0 : shape[1]!);

/** @returns the path of `routerOperation` on this heap */
export function routerOnWasm({ kernels, at, output, work }: Heap): typeof routerOperation.definition {
  return {
    forward: ({ logits, choiceOffset, contribution, given }, { expertsPerToken: K, groups, topGroups, normalise, scale }) => {
      const [N, E] = logits.shape as [number, number];
      const results = [output([N, K]), output([N, K], 'int32'), output([N, E]), output([N, 2])] as const;
      const steered = [
        at(choiceOffset),
        rowStep(choiceOffset),
        at(contribution),
        rowStep(contribution),
        at(given),
        rowStep(given),
      ] as const;
      const [weights, chosen, scores, diagnostics] = results;
      const places = [at(weights), at(chosen), at(scores), at(diagnostics)] as const;
      const space = work(kernels.routerWork(E, K));
      kernels.router(at(logits), ...steered, ...places, N, E, K, groups, topGroups, normalise, scale, space);
      return [...results];
    },
    backward: ([dWeights, , dScores], { logits, contribution }, [, chosen, scores], { expertsPerToken: K, normalise, scale }) => {
      const [N, E] = logits.shape as [number, number];
      const dLogits = output([N, E]);
      const given = [at(dWeights!), at(dScores!), at(contribution), rowStep(contribution), at(chosen!), at(scores!)] as const;
      kernels.routerBackward(...given, at(dLogits), N, E, K, normalise, scale);
      return { logits: dLogits };
    },
  };
}
