// Measuring: contestants take turns, round after round.
import { PRESETS } from '../src/config/presets';
import { stepFlops } from './arithmetic';
import { PROMPT_TOKENS, timedTokens } from './contestants/generationSizes';
import type { ContestantSpec, Start, StepParts, Stretch } from './contestants/contestant';
import type { Guest, Host } from './hosts/nodeHost';
import { reaches, type Row } from './rows';
import { exponent, median, pairedRatio, percentile } from './statistics';
import { grown, type Axis } from './workloads';

export interface Amount {
  readonly rounds: number;
  /** Steps a contestant does in each of its turns. */
  readonly steps: number;
}

export interface Times {
  readonly name: string;
  readonly firstStepMs: number;
  /** Over the rounds, each represented by the median of its steps; ms. */
  readonly minMs: number;
  readonly medianMs: number;
  /** Median over the rounds of each phase, ms of all workers together; null where they are not told apart. */
  readonly parts: StepParts | null;
  readonly tokensPerSecond: number;
}

export interface RowResult {
  readonly id: string;
  readonly title: string;
  readonly reach: Row['reach'];
  readonly left: Times;
  readonly right: Times;
  /** Median over the rounds of each round's own ratio, and its extremes. */
  readonly ratio: number;
  readonly ratioRange: readonly [number, number];
  readonly reached: boolean;
  /** Largest difference of the first losses; null where they are not compared. */
  readonly lossGap: number | null;
  /** What does not hold besides the ratio, in words. */
  readonly faults: readonly string[];
  readonly rounds: number;
}

export interface ScalingResult {
  readonly axis: Axis;
  readonly factors: readonly number[];
  readonly sizes: readonly string[];
  readonly tokensPerSecond: readonly number[];
  /** p of tokens/s ≈ a·factorᵖ. */
  readonly exponent: number;
  /** The same for forward and backward alone: the optimizer follows total parameters, not the work of a token. */
  readonly passesExponent: number;
  /** The same for the arithmetic: tokens/s at a constant FLOP/s. */
  readonly arithmeticExponent: number;
}

/** Text written by the preset `default`, token by token. */
export interface GenerationResult {
  readonly backend: ContestantSpec['backend'];
  /** By the median token. */
  readonly tokensPerSecond: number;
  /** Of each quarter of the context, over all texts, ms a token. */
  readonly quarters: readonly { readonly medianMs: number; readonly p95Ms: number }[];
  /** Median over the rounds of the last quarter's p95 over the first's, and its extremes. */
  readonly lateRatio: number;
  readonly lateRatioRange: readonly [number, number];
  readonly reached: boolean;
  readonly texts: number;
}

export const LOSS_TOLERANCE = 1e-3;
const FACTORS = [1, 2, 4, 8];

/** Starts one guest after the other, hands them over, and ends them whatever happens. */
async function withGuests<T>(
  host: Host,
  specs: readonly ContestantSpec[],
  use: (guests: readonly Guest[], starts: readonly Start[]) => Promise<T>,
): Promise<T> {
  const guests: Guest[] = [];
  const starts: Start[] = [];
  try {
    for (const spec of specs) {
      const guest = await host(spec);
      guests.push(guest);
      starts.push(await guest.start());
    }
    return await use(guests, starts);
  } finally {
    for (const guest of guests) guest.close();
  }
}

/** Rounds of turns, in the order of `guests`; the first of each round changes, so that none always comes after the same. @returns [guest][round] */
async function takeTurns(guests: readonly Guest[], { rounds, steps }: Amount): Promise<Stretch[][]> {
  const stretches: Stretch[][] = guests.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < guests.length; turn++) {
      const index = (turn + round) % guests.length;
      stretches[index]!.push(await guests[index]!.time(steps));
    }
  }
  return stretches;
}

const tokensOf = ({ run }: ContestantSpec): number => run.train.batchSize * run.train.sequenceLength;
const perRound = (stretches: readonly Stretch[], part: Row['part']): number[] =>
  stretches.map(({ times }) => median(times.map((time) => time[part])));

function timesOf(name: string, spec: ContestantSpec, start: Start, stretches: readonly Stretch[], part: Row['part']): Times {
  const values = perRound(stretches, part);
  return {
    name,
    firstStepMs: start.firstStepMs,
    minMs: Math.min(...values),
    medianMs: median(values),
    parts: partsOf(stretches),
    tokensPerSecond: (tokensOf(spec) / median(values)) * 1000,
  };
}

function partsOf(stretches: readonly Stretch[]): StepParts | null {
  const rounds = stretches.map(({ times }) => times.flatMap(({ parts }) => (parts ? [parts] : [])));
  if (rounds.some((parts) => parts.length === 0)) return null;
  const of = (part: keyof StepParts): number => median(rounds.map((parts) => median(parts.map((one) => one[part]))));
  return { forward: of('forward'), backward: of('backward'), optimizer: of('optimizer') };
}

/** Largest difference of two runs' first losses, as many as both have; NaN where one has none. */
function gapOf(a: readonly number[], b: readonly number[]): number {
  const both = Math.min(a.length, b.length);
  return both === 0 ? NaN : Math.max(...Array.from({ length: both }, (_, i) => Math.abs(a[i]! - b[i]!)));
}

function leaks(name: string, stretches: readonly Stretch[]): string[] {
  const counts = stretches.map(({ tensors }) => tensors);
  return counts.every((count) => count === counts[0])
    ? []
    : [`${name}: tensors alive changed from round to round: ${counts.join(', ')}`];
}

/** Measures one row. */
export async function measureRow(row: Row, host: Host, amount: Amount): Promise<RowResult> {
  const faults: string[] = [];
  const { rounds } = amount;
  const steps = Math.max(1, Math.round(amount.steps * (row.stepsFactor ?? 1)));
  const alone = row.alone ? await withGuests(host, [row.alone], async (_, [start]) => start!.losses) : null;
  return withGuests(host, [row.left, row.right], async (guests, starts) => {
    const [leftStart, rightStart] = starts as [Start, Start];
    const [left, right] = (await takeTurns(guests, { rounds, steps })) as [Stretch[], Stretch[]];
    const [leftMs, rightMs] = [perRound(left, row.part), perRound(right, row.part)];
    const ratios = leftMs.map((ms, round) => row.ratio(ms, rightMs[round]!));
    const ratio = median(ratios);
    const lossGap = row.sameLosses ? gapOf(leftStart.losses, rightStart.losses) : null;
    if (lossGap !== null && !(lossGap <= LOSS_TOLERANCE)) faults.push(`the first losses differ by ${lossGap}`);
    if (alone && alone.some((loss, i) => loss !== leftStart.losses[i]))
      faults.push('the losses are not those of one worker to the bit');
    faults.push(...leaks(row.leftName, left), ...leaks(row.rightName, right));
    return {
      id: row.id,
      title: row.title,
      reach: row.reach,
      left: timesOf(row.leftName, row.left, leftStart, left, row.part),
      right: timesOf(row.rightName, row.right, rightStart, right, row.part),
      ratio,
      ratioRange: [Math.min(...ratios), Math.max(...ratios)],
      reached: reaches(row, ratio),
      lossGap,
      faults,
      rounds,
    };
  });
}

/** Tokens/s of a whole step as one size of the model grows. */
export async function measureScaling(axis: Axis, host: Host, amount: Amount): Promise<ScalingResult> {
  const specs = FACTORS.map((factor): ContestantSpec => ({ kind: 'ours', backend: 'wasm', run: grown(axis, factor) }));
  return withGuests(host, specs, async (guests) => {
    const turns = await takeTurns(guests, amount);
    // Paired with the smallest size of the same round: the machine's mood cancels.
    const relative = (part: Row['part']) => {
      const ms = turns.map((stretches) => perRound(stretches, part));
      return ms.map((values) => pairedRatio(ms[0]!, values));
    };
    const whole = relative('step');
    const base = tokensOf(specs[0]!) / (median(perRound(turns[0]!, 'step')) / 1000);
    return {
      axis,
      factors: FACTORS,
      sizes: specs.map(({ run }) => sizeAlong(axis, run)),
      tokensPerSecond: whole.map((share) => base * share),
      exponent: exponent(FACTORS, whole),
      passesExponent: exponent(FACTORS, relative('passes')),
      arithmeticExponent: exponent(
        FACTORS,
        specs.map(({ run }) => 1 / stepFlops(run)),
      ),
    };
  });
}

/** A round's p95 needs texts enough. */
const TEXTS_A_STEP = 10;
const QUARTERS = 4;
/** What is asked: tokens/s at least; p95 of the last quarter over that of the first at most. */
const GENERATION_REACH = { tokensPerSecond: 150, lateRatio: 1.2 };

/** Time of a token of the preset `default` as the context fills. */
export async function measureGeneration(host: Host, { rounds, steps }: Amount): Promise<GenerationResult> {
  const spec: ContestantSpec = { kind: 'generation', backend: 'wasm', run: PRESETS.default };
  const contextLength = spec.run.train.sequenceLength;
  const perText = timedTokens(contextLength);
  return withGuests(host, [spec], async (guests) => {
    const texts = steps * TEXTS_A_STEP;
    const [stretches] = await takeTurns(guests, { rounds, steps: texts });
    const perRoundMs = stretches!.map(({ times }) => times.map(({ step }) => step));
    // A quarter of the context, not of the tokens timed: the prompt lies in the first.
    const quarterOf = (index: number) => Math.floor(((PROMPT_TOKENS + 1 + (index % perText)) / contextLength) * QUARTERS);
    const ofQuarter = (ms: readonly number[], quarter: number) => ms.filter((_, index) => quarterOf(index) === quarter);
    const ratios = perRoundMs.map((ms) => percentile(ofQuarter(ms, QUARTERS - 1), 0.95) / percentile(ofQuarter(ms, 0), 0.95));
    const all = perRoundMs.flat();
    const tokensPerSecond = 1000 / median(all);
    const lateRatio = median(ratios);
    return {
      backend: spec.backend,
      tokensPerSecond,
      quarters: Array.from({ length: QUARTERS }, (_, quarter) => ({
        medianMs: median(ofQuarter(all, quarter)),
        p95Ms: percentile(ofQuarter(all, quarter), 0.95),
      })),
      lateRatio,
      lateRatioRange: [Math.min(...ratios), Math.max(...ratios)],
      reached: tokensPerSecond >= GENERATION_REACH.tokensPerSecond && lateRatio <= GENERATION_REACH.lateRatio,
      texts: rounds * texts,
    };
  });
}

function sizeAlong(axis: Axis, { model, train }: ContestantSpec['run']): string {
  const sizes: Record<Axis, number> = {
    width: model.hiddenSize,
    layers: model.numHiddenLayers,
    experts: model.nRoutedExperts,
    context: train.sequenceLength,
  };
  return String(sizes[axis]);
}
