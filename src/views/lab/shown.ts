// What the figures of the lab speak of: the model that was read with the change where there is one, the layer, the token.
import type { PromptTrace } from '../../analysis/promptTrace';
import type { EngineError } from '../../protocol/errors';
import type { TraceAnswer } from '../../protocol/lab';
import { useSelection } from '../../stores/selection';

/** The trace under the change; without one, the plain one. */
export const shownTrace = ({ baseline, changed }: TraceAnswer): PromptTrace => changed?.trace ?? baseline;

/** Number in the model of the first layer that routes. */
export const useFirstLayer = ({ firstLayer }: TraceAnswer): number => firstLayer;

/** Layer and token pointed at, within what the answer has; at rest the token held, else the last. */
export function usePlaceIn(answer: TraceAnswer): { readonly layer: number; readonly token: number } {
  const { layer, hoveredToken, pinnedToken } = useSelection();
  const { layers, tokens } = answer.baseline;
  const token = hoveredToken ?? pinnedToken ?? tokens - 1;
  return { layer: Math.min(layer, layers - 1), token: Math.min(token, tokens - 1) };
}

/** The engine could have answered, had the changes been others. */
export const isAboutChanges = ({ fields = [] }: EngineError): boolean =>
  fields.length > 0 && fields.every(({ field }) => field.startsWith('interventions'));
