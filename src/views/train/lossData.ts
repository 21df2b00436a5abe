// The loss in the unit the person chose: curves on one axis of steps, reference lines, and the newest validation by domain.
import { alignTo, decimate } from '../../analysis/history';
import type { RunInfo } from '../../protocol/commands';
import type { DomainLoss, ValidationResult } from '../../protocol/events';
import type { LossUnit } from '../../stores/preferences';
import { scalarHistory } from '../../stores/scalars';

/** Points drawn of a curve: about three a pixel of a wide panel. */
export const CURVE_POINTS = 1200;

/**
 * Factor from nats per token to `unit`, by the validation text's own tokens, bytes and characters; null before the first validation.
 * Training text differs a little from it, so a converted training curve is an approximation; the page says so.
 */
export function unitFactor(unit: LossUnit, results: readonly ValidationResult[]): number | null {
  if (unit === 'nats') return 1;
  const overall = results.at(-1)?.overall;
  return overall ? overall[unit] / overall.nats : null;
}

export interface LossCurves {
  readonly steps: Float64Array;
  /** Each step's loss; null while its unit cannot be computed. */
  readonly raw: Float64Array | null;
  readonly smoothed: Float64Array | null;
  readonly validation: Float64Array;
  readonly domains: readonly { readonly domain: string; readonly values: Float64Array }[];
}

export function lossCurves(unit: LossUnit, results: readonly ValidationResult[], domains: readonly string[]): LossCurves {
  const [steps, raw, smoothed] = decimate(
    [scalarHistory.column('step'), scalarHistory.column('loss'), scalarHistory.column('smoothedLoss')],
    CURVE_POINTS,
  ) as [Float64Array, Float64Array, Float64Array];
  const factor = unitFactor(unit, results);
  const scaled = (values: Float64Array): Float64Array | null => (factor === null ? null : values.map((value) => value * factor));
  const at = results.map((result) => result.step);
  return {
    steps,
    raw: scaled(raw),
    smoothed: scaled(smoothed),
    validation: alignTo(
      steps,
      at,
      results.map(({ overall }) => overall[unit]),
    ),
    domains: domains.map((domain) => ({
      domain,
      values: alignTo(
        steps,
        at,
        results.map((result) => result.domains.find((loss) => loss.domain === domain)?.[unit] ?? NaN),
      ),
    })),
  };
}

export function referenceLosses(
  unit: LossUnit,
  results: readonly ValidationResult[],
  baselines: RunInfo['baselines'],
): RunInfo['baselines'] | null {
  const factor = unitFactor(unit, results);
  if (factor === null) return null;
  return { uniform: baselines.uniform * factor, unigram: baselines.unigram * factor, bigram: baselines.bigram * factor };
}

/** Domains of the newest validation, as they stand in the run. */
export function newestDomains(results: readonly ValidationResult[]): readonly DomainLoss[] {
  return results.at(-1)?.domains ?? [];
}
