// Finding the adapters of this machine. Free of the tensor library, so that asking costs nothing.
import { isHardware, type AdapterFacts } from '../backendChoice';

export function factsOf({ info }: GPUAdapter): AdapterFacts {
  return { isFallback: info.isFallbackAdapter, names: [info.vendor, info.architecture, info.device, info.description] };
}

/** The adapter in words, e.g. for a badge; '' where it says nothing. */
export function describeAdapter(adapter: GPUAdapter): string {
  const { vendor, architecture, description } = adapter.info;
  return description || [vendor, architecture].filter(Boolean).join(' ');
}

/**
 * The adapter the browser would pick, and a software one. Either may be missing, both may be the same kind.
 * An adapter can be used for one device only: ask again for the next.
 */
export async function findAdapters(): Promise<GPUAdapter[]> {
  const gpu = typeof navigator === 'undefined' ? undefined : (navigator.gpu as GPU | undefined);
  if (!gpu) return [];
  const found = await Promise.all([
    gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null),
    gpu.requestAdapter({ forceFallbackAdapter: true }).catch(() => null),
  ]);
  return found.filter((adapter) => adapter !== null);
}

/** The first of `adapters` that is, or is not, hardware. */
export function pickAdapter(adapters: readonly GPUAdapter[], hardware: boolean): GPUAdapter | undefined {
  return adapters.find((adapter) => isHardware(factsOf(adapter)) === hardware);
}
