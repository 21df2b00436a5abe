// The loss in the unit the person chose: curves, reference lines, and each domain's validations.
import { decimate } from '../../analysis/history';
import type { Baselines, DomainLoss, ValidationResult } from '../../protocol/events';
import type { LossUnit } from '../../stores/preferences';
import { scalarHistory } from '../../stores/scalars';

export const LOSS_UNITS: readonly LossUnit[] = ['nats', 'bitsPerByte', 'bitsPerCharacter'];

/** Points drawn of a curve: about three a pixel of the panel. */
export const CURVE_POINTS = 1000;

/**
 * Factor from nats per token to `unit`, by the validation text's own tokens, bytes and characters; null before the first validation.
 * Training text differs a little from it, so a converted training curve is an approximation, and the page says so.
 */
export function unitFactor(unit: LossUnit, results: readonly ValidationResult[]): number | null {
  if (unit === 'nats') return 1;
  const overall = results.at(-1)?.overall;
  return overall ? overall[unit] / overall.nats : null;
}

export type ValidatedText = Pick<DomainLoss, 'domain' | 'language'>;

const sameText = (a: ValidatedText, b: ValidatedText): boolean => a.domain === b.domain && a.language === b.language;

export interface LossCurves {
  readonly steps: Float64Array;
  /** Each step's loss; all NaN while its unit cannot be computed. */
  readonly raw: Float64Array;
  readonly smoothed: Float64Array;
  /** Steps of the validations. */
  readonly validated: readonly number[];
  readonly validation: readonly number[];
  /** One a domain and language: a domain may have text in both. */
  readonly domains: readonly (ValidatedText & { readonly values: readonly number[] })[];
}

export function lossCurves(unit: LossUnit, results: readonly ValidationResult[]): LossCurves {
  const [steps, raw, smoothed] = decimate(
    [scalarHistory.column('step'), scalarHistory.column('loss'), scalarHistory.column('smoothedLoss')],
    CURVE_POINTS,
  ) as [Float64Array, Float64Array, Float64Array];
  const factor = unitFactor(unit, results) ?? NaN;
  return {
    steps,
    raw: raw.map((value) => value * factor),
    smoothed: smoothed.map((value) => value * factor),
    validated: results.map(({ step }) => step),
    validation: results.map(({ overall }) => overall[unit]),
    domains: (results.at(-1)?.domains ?? []).map(({ domain, language }) => ({
      domain,
      language,
      values: results.map((result) => result.domains.find((loss) => sameText(loss, { domain, language }))?.[unit] ?? NaN),
    })),
  };
}

/** What guessing costs in `unit`; null while it cannot be computed. */
export function referenceLosses(
  unit: LossUnit,
  results: readonly ValidationResult[],
  baselines: Baselines,
): Pick<Baselines, 'uniform' | 'unigram' | 'bigram'> | null {
  const factor = unitFactor(unit, results);
  if (factor === null) return null;
  return { uniform: baselines.uniform * factor, unigram: baselines.unigram * factor, bigram: baselines.bigram * factor };
}

/** What guessing costs on one domain's text alone, nats; undefined where it was not told. */
export const baselineOf = (domains: Baselines['domains'], text: ValidatedText) => domains?.find((one) => sameText(one, text));

/** Every step as [step, training loss, smoothed, held out], losses in `unit`; NaN where there is none. */
export function lossRows(unit: LossUnit, results: readonly ValidationResult[]): number[][] {
  const factor = unitFactor(unit, results) ?? NaN;
  const heldOut = new Map(results.map(({ step, overall }) => [step, overall[unit]]));
  const raw = scalarHistory.column('loss');
  const smoothed = scalarHistory.column('smoothedLoss');
  return Array.from(scalarHistory.column('step'), (step, row) => [
    step,
    raw[row]! * factor,
    smoothed[row]! * factor,
    heldOut.get(step) ?? NaN,
  ]);
}
