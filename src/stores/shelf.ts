// The model that comes with the page: what it is, and which snapshots there are of it.
import { create } from 'zustand';
import type { ShelfManifest, ShelfSnapshot } from '../checkpoint/shelf';
import type { ModelRef } from '../protocol/modelRef';
import { request } from './engine';

export interface ShelfState {
  /** null until the engine has told; `missing` where this copy of the page comes without one. */
  readonly manifest: ShelfManifest | 'missing' | null;
}

export const useShelf = create<ShelfState>(() => ({ manifest: null }));

/** The snapshot that `model` names, else the last one; null where there is none. */
export function shownSnapshot({ manifest }: ShelfState, model: ModelRef | null): ShelfSnapshot | null {
  if (!manifest || manifest === 'missing') return null;
  const named = model?.kind === 'shipped' ? manifest.snapshots.find(({ step }) => step === model.step) : undefined;
  return named ?? manifest.snapshots.at(-1)!;
}

/** Asks what there is, once. null where there is none. */
export async function loadShelf(): Promise<ShelfManifest | null> {
  const { manifest } = useShelf.getState();
  if (manifest !== null) return manifest === 'missing' ? null : manifest;
  const reply = await request({ kind: 'shelf' });
  if (reply.ok) useShelf.setState({ manifest: reply.value });
  else if (reply.error.code === 'model-unavailable') useShelf.setState({ manifest: 'missing' });
  return reply.ok ? reply.value : null;
}
