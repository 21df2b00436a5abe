// What the figures of the view speak of right now: the step under the scrubber, the chosen layer, the expert lit up.
import { useDeferredValue, useMemo } from 'react';
import { maxVioCeiling, samplingFloor } from '../../analysis/load';
import type { RunConfig } from '../../config/trainConfig';
import { sum } from '../../core/stats';
import type { StepRouting } from '../../protocol/events';
import { useConfig } from '../../stores/config';
import { routingAt, routingBuffer, routingIndex, useRouting } from '../../stores/routing';
import { runInfo, useRun } from '../../stores/run';
import { useSelection } from '../../stores/selection';

export interface ShownRouting {
  readonly routing: StepRouting;
  /** Its position in the routing buffer. */
  readonly index: number;
  /** Changes whenever what is shown does. */
  readonly version: number;
}

/**
 * Routing of the step under the scrubber; null before the first step and for a dense model. A new step is shown when the page has a moment:
 * what renders it must be memoised, so that nothing is drawn twice.
 */
export function useShownRouting(): ShownRouting | null {
  const newest = useRouting((state) => state.version);
  const version = useDeferredValue(newest);
  const step = useSelection((state) => state.step);
  const shown = useMemo(() => {
    const routing = routingAt(step);
    return routing ? { routing, index: routingIndex(step), version: routing.step } : null;
    // `version` says that the buffer, which React cannot see into, has moved.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [version, step]);
  // A run that ended takes its steps with it at once: what is drawn later would look for them.
  return routingBuffer.length === 0 ? null : shown;
}

/** Configuration of the run, live changes included; of the draft before there is one. */
export function useRunConfig(): RunConfig {
  const running = useConfig((state) => state.running);
  const draft = useConfig((state) => state.draft);
  const info = useRun((state) => runInfo(state.run));
  return running ?? info?.config ?? draft;
}

/** Number a MoE layer has in the model: dense layers come first. */
export function layerNumber(config: RunConfig, row: number): number {
  return config.model.firstKDenseReplace + row;
}

export interface MaxVioBounds {
  readonly floor: number;
  readonly ceiling: number;
  /** Tokens of a step. */
  readonly tokens: number;
}

/** Assignments an expert would have if all had alike. By the step itself: a run may have a step of the run it branched from, with another K. */
export const fairShare = ({ load, layers, experts }: Pick<StepRouting, 'load' | 'layers' | 'experts'>): number =>
  sum(load) / (layers * experts);

/** Floor and ceiling of the MaxVio of a training batch. @param routing a step, which a branch has from a run that may have chosen another K */
export function useMaxVioBounds(config: RunConfig, { load, layers }: StepRouting): MaxVioBounds {
  const { nRoutedExperts, numExpertsPerTok } = config.model;
  const tokens = config.train.batchSize * config.train.sequenceLength;
  const chosen = sum(load) / (layers * tokens);
  const perToken = Number.isInteger(chosen) && chosen > 0 ? chosen : numExpertsPerTok;
  return useMemo(
    () => ({
      floor: samplingFloor(tokens, nRoutedExperts, perToken),
      ceiling: maxVioCeiling(nRoutedExperts, perToken),
      tokens,
    }),
    [tokens, nRoutedExperts, perToken],
  );
}

/** The smallest of 1, 2, 5 × 10ⁿ that is at least `value`: an end of a scale that does not tremble. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5, 10].find((step) => step * power >= value * 0.999_999) ?? 10);
}
