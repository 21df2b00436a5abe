// From a description to a contestant. Each kind loads only its own library.
import type { Contestant, ContestantSpec } from './contestant';
import type { OursPlatform } from './ours';

export async function create(spec: ContestantSpec, platform: OursPlatform): Promise<Contestant> {
  switch (spec.kind) {
    case 'ours':
      return (await import('./ours')).createOurs(spec, platform);
    case 'matmul':
      // The library first: in chunks of a bundle its gradients would register themselves before it is there.
      await import('@tensorflow/tfjs-core');
      return (await import('./matmul')).createMatmul(spec, platform.wasmPath);
    case 'generation':
      return (await import('./generation')).createGeneration(spec, platform.wasmPath);
    case 'tfjs':
      return (await import('./tfjs')).createTfjs(spec, platform.wasmPath);
    case 'gpt':
      return (await import('./gpt')).createGpt(spec, platform.wasmPath);
    case 'jax':
      return (await import('./jax')).createJax(spec);
  }
}
