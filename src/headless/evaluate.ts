// `npm run evaluate`: what a saved model makes of held-out text, and how evenly its experts work on it.
import { maxVioCeiling, samplingFloor } from '../analysis/load';
import { mean } from '../core/stats';
import { baselines, type DomainBaselines } from '../data/ngrams';
import type { Baselines, ValidationResult } from '../protocol/events';
import { formatFixed } from '../text/format';
import type { Platform } from '../worker/platform';
import type { EvaluateArguments } from './arguments';
import { openSaved } from './saved';
import { perLayer, setsOf, validate } from './validation';

export interface Evaluation extends Omit<ValidationResult, 'load'> {
  readonly baselines: Baselines & { readonly domains: readonly DomainBaselines[] };
  /** Of each MoE layer, on the validation text weighed as the training mixture is; null in a dense model. */
  readonly maxVioGlobal: readonly number[] | null;
  /** What uniform random routing of so many tokens would show, and the most there can be. */
  readonly floor: number | null;
  readonly ceiling: number | null;
}

/** Throws Trouble where the run cannot be read or its text is not here. */
export async function evaluate(options: EvaluateArguments, platform: Platform): Promise<Evaluation> {
  const { state, text, trainer } = await openSaved(options.from, options.backend, platform);
  const { config } = state;
  const sets = setsOf(text, config, options.tokensPerDomain);
  const { load, ...losses } = await validate(() => trainer.model, sets, config, state.step);
  trainer.dispose();
  const { nRoutedExperts: experts, numExpertsPerTok: chosen } = config.model;
  const isMoe = load.length > 0;
  return {
    ...losses,
    baselines: baselines(text.corpus, config.data, sets),
    maxVioGlobal: isMoe ? perLayer(load, config.model) : null,
    floor: isMoe ? samplingFloor(losses.overall.tokens, experts, chosen) : null,
    ceiling: isMoe ? maxVioCeiling(experts, chosen) : null,
  };
}

/** The figures as a table for a terminal. */
export function evaluationTable({ step, overall, domains, baselines: lines, ...balance }: Evaluation): string {
  const { maxVioGlobal, floor, ceiling } = balance;
  const fixed = (value: number, digits = 3): string => formatFixed('en', value, digits);
  type Losses = ValidationResult['overall'];
  const row = (name: string, loss: Losses, { unigram, bigram }: Pick<Baselines, 'unigram' | 'bigram'>): string => {
    const { tokens, nats, bitsPerByte, bitsPerCharacter } = loss;
    const values = [nats, unigram, bigram, bitsPerByte, bitsPerCharacter].map((value) => fixed(value));
    return name.padEnd(20) + [String(tokens), ...values].map(cell).join('');
  };
  const table = [
    `step ${step}`,
    'held-out text'.padEnd(20) + ['tokens', 'nats', 'unigram', 'bigram', 'bits/byte', 'bits/char'].map(cell).join(''),
    ...domains.map((domain, index) => row(`${domain.domain} (${domain.language})`, domain, lines.domains[index]!)),
    row('all', overall, lines),
    `nats of knowing nothing ${fixed(lines.uniform)}, token frequencies ${fixed(lines.unigram)}, the token before ${fixed(lines.bigram)}`,
  ];
  if (maxVioGlobal && floor !== null && ceiling !== null) {
    const layers = maxVioGlobal.map((value) => fixed(value)).join(' ');
    table.push(
      `MaxVio_global ${layers}, mean ${fixed(mean(maxVioGlobal))} (floor ${fixed(floor)}, ceiling ${fixed(ceiling, 1)})`,
    );
  }
  return table.join('\n');
}

const cell = (text: string): string => text.padStart(10);
