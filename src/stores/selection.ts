// What the person points at, the same everywhere: layer, expert, token, step.
import { create } from 'zustand';
import type { TokenRange } from '../config/intervention';

export interface SelectionState {
  /** Counted among the MoE layers, 0 the lowest. */
  readonly layer: number;
  /** Row under the pointer or the arrow keys. */
  readonly hoveredLayer: number | null;
  readonly hoveredExpert: number | null;
  readonly pinnedExpert: number | null;
  readonly hoveredToken: number | null;
  readonly pinnedToken: number | null;
  /** Tokens marked on a strip; null: none, which means all. */
  readonly tokenRange: TokenRange | null;
  /** 'live' follows the newest step. */
  readonly step: number | 'live';
}

export const useSelection = create<SelectionState>(() => ({
  layer: 0,
  hoveredLayer: null,
  hoveredExpert: null,
  pinnedExpert: null,
  hoveredToken: null,
  pinnedToken: null,
  tokenRange: null,
  step: 'live',
}));

export const selectLayer = (layer: number): void => useSelection.setState({ layer });
export const hoverExpert = (hoveredExpert: number | null, hoveredLayer: number | null = null): void =>
  useSelection.setState({ hoveredExpert, hoveredLayer });
/** Pins an expert; the pinned one is let go. */
export const pinExpert = (expert: number | null): void =>
  useSelection.setState(({ pinnedExpert }) => ({ pinnedExpert: pinnedExpert === expert ? null : expert }));
export const hoverToken = (hoveredToken: number | null): void => useSelection.setState({ hoveredToken });
export const pinToken = (token: number | null): void =>
  useSelection.setState(({ pinnedToken }) => ({ pinnedToken: pinnedToken === token ? null : token }));
export const selectTokens = (tokenRange: TokenRange | null): void => useSelection.setState({ tokenRange });
export const selectStep = (step: number | 'live'): void => useSelection.setState({ step });

/** The expert that is lit up: the one under the pointer, else the pinned one. */
export const litExpert = ({ hoveredExpert, pinnedExpert }: SelectionState): number | null => hoveredExpert ?? pinnedExpert;

/** A new run may have fewer layers and experts. */
export function fitSelection(layers: number, experts: number): void {
  useSelection.setState((state) => ({
    layer: Math.max(0, Math.min(state.layer, layers - 1)),
    pinnedExpert: state.pinnedExpert !== null && state.pinnedExpert < experts ? state.pinnedExpert : null,
    hoveredExpert: null,
    hoveredLayer: null,
    hoveredToken: null,
    pinnedToken: null,
    tokenRange: null,
    step: 'live',
  }));
}
