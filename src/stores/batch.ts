// The window of text that the newest step trained on.
import { create } from 'zustand';
import type { BatchWindow } from '../protocol/events';

export const useBatch = create<{ readonly window: BatchWindow | null }>(() => ({ window: null }));

export function receiveBatch(window: BatchWindow): void {
  useBatch.setState({ window });
}

export function clearBatch(): void {
  useBatch.setState({ window: null });
}
