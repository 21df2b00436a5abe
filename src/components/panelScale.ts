// How much taller a figure may be drawn: panels that are enlarged give their figures more room.
import { createContext, useContext } from 'react';

export const PanelScaleContext = createContext(1);

/** Factor for the heights of figures, 1 in place. */
export function usePanelScale(): number {
  return useContext(PanelScaleContext);
}

/** Factor in an enlarged panel. */
export const ENLARGED_SCALE = 2.4;
