// Which backend to start, as a pure decision: from what the machine offers and what the person chose.

/** `webgpu` means a hardware adapter; `webgpu-software` the processor pretending to be one. */
export type BackendName = 'webgpu' | 'webgpu-software' | 'wasm' | 'cpu';
export type BackendChoice = 'auto' | BackendName;
/** `chosen` by the person; a `hardware-adapter` was or was not found; or a `fallback` after failures. */
export type BackendReason = 'chosen' | 'hardware-adapter' | 'no-hardware-adapter' | 'fallback';

/** What an adapter says of itself. */
export interface AdapterFacts {
  readonly isFallback: boolean;
  /** Vendor, architecture, device and description, in any order. */
  readonly names: readonly string[];
}

export interface BackendPlan {
  /** To be tried in this order until one starts. */
  readonly order: readonly BackendName[];
  /** Why the first one. */
  readonly reason: Exclude<BackendReason, 'fallback'>;
  readonly available: readonly BackendName[];
}

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|warp\b/i;

/** Whether a GPU stands behind the adapter. Some software adapters do not call themselves fallbacks: their names give them away. */
export function isHardware(adapter: AdapterFacts): boolean {
  return !adapter.isFallback && !adapter.names.some((name) => SOFTWARE.test(name));
}

/**
 * WebGPU only on hardware, since the software adapter is slower than WASM; then WASM; then plain cpu.
 * @param adapters the adapters found; none where there is no WebGPU
 */
export function chooseBackend(adapters: readonly AdapterFacts[], choice: BackendChoice): BackendPlan {
  const hasHardware = adapters.some(isHardware);
  const hasSoftware = adapters.some((adapter) => !isHardware(adapter));
  const available: BackendName[] = [
    ...(hasHardware ? (['webgpu'] as const) : []),
    ...(hasSoftware ? (['webgpu-software'] as const) : []),
    'wasm',
    'cpu',
  ];
  if (choice === 'auto') {
    return hasHardware
      ? { order: ['webgpu', 'wasm', 'cpu'], reason: 'hardware-adapter', available }
      : { order: ['wasm', 'cpu'], reason: 'no-hardware-adapter', available };
  }
  const after = choice === 'cpu' ? [] : choice === 'wasm' ? (['cpu'] as const) : (['wasm', 'cpu'] as const);
  return { order: [choice, ...after], reason: 'chosen', available };
}
