// What the figures of the lab speak of: the model that was read with the change where there is one, the layer, the token.
import type { PromptTrace } from '../../analysis/promptTrace';
import type { TraceAnswer } from '../../protocol/lab';
import { useConfig } from '../../stores/config';
import { useSelection } from '../../stores/selection';
import { shownSnapshot, useShelf } from '../../stores/shelf';
import { runInfo, useRun } from '../../stores/run';

/** The trace under the change; without one, the plain one. */
export const shownTrace = ({ baseline, changed }: TraceAnswer): PromptTrace => changed?.trace ?? baseline;

/** Number in the model of the first layer that routes. */
export function useFirstLayer({ model }: TraceAnswer): number {
  const ofRun = useRun(({ run }) => runInfo(run)?.config.model.firstKDenseReplace);
  const ofDraft = useConfig(({ draft }) => draft.model.firstKDenseReplace);
  const ofShelf = useShelf((state) =>
    shownSnapshot(state) && state.manifest && state.manifest !== 'missing'
      ? state.manifest.config.model.firstKDenseReplace
      : undefined,
  );
  return (model.kind === 'shipped' ? ofShelf : ofRun) ?? ofDraft;
}

/** Layer and token pointed at, within what the answer has; at rest the token held, else the last. */
export function usePlaceIn(answer: TraceAnswer): { readonly layer: number; readonly token: number } {
  const { layer, hoveredToken, pinnedToken } = useSelection();
  const { layers, tokens } = answer.baseline;
  const token = hoveredToken ?? pinnedToken ?? tokens - 1;
  return { layer: Math.min(layer, layers - 1), token: Math.min(token, tokens - 1) };
}
