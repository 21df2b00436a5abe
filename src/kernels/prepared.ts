// Questions compile their programs before they compute: otherwise the device, and whoever waits for it, would stand still for the compiler.
import * as tf from '@tensorflow/tfjs-core';
import { isDeferred } from './settled';
import { webGpuBackend } from './webgpu/device';
import { rehearsed } from './webgpu/pipelines';

/** What needs no second look, by device. */
const seen = new WeakMap<GPUDevice, Set<string>>();

/**
 * Resolves when all programs that `make` runs are compiled; at once where the backend has none. `make` is run with nothing computed, inside a
 * tidy: it reads no tensor, keeps none and changes nothing beside what it returns.
 * @param kind names the programs: a second `make` of the same kind is not looked at again; null where no name tells them
 */
export async function compiledFor(kind: string | null, make: () => unknown): Promise<void> {
  if (!isDeferred()) return;
  const { device } = webGpuBackend();
  const known = seen.get(device) ?? new Set<string>();
  seen.set(device, known);
  if (kind !== null && known.has(kind)) return;
  await Promise.all(rehearsed(() => tf.tidy(() => void make())).map((compile) => compile()));
  if (kind !== null) known.add(kind);
}

/** What `make` computes, once its programs are compiled: see `compiledFor`. */
export async function prepared<T>(kind: string | null, make: () => T): Promise<T> {
  await compiledFor(kind, make);
  return make();
}
