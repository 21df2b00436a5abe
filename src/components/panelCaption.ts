// What is said under the figures of a view when they leave the page, and how their files are told apart.
import { createContext } from 'react';

export interface PanelCaption {
  /** Model, step, layer, token set, baseline. */
  readonly text: string;
  /** Follows a figure's own name in its file's, e.g. `shipped-step-5000`. */
  readonly fileSuffix: string;
}

export const PanelCaptionContext = createContext<PanelCaption | null>(null);
