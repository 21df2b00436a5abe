// `npm run judge`: how far a saved model has only learned its text by heart. Fifty samples, and the loss on text it has read.
import { mean, sum } from '../core/stats';
import { rngFor } from '../core/rng';
import type { Corpus } from '../data/corpus';
import { evaluateLoss } from '../evaluation/loss';
import { longestCopy } from '../evaluation/copies';
import { generate } from '../inference/generate';
import type { Platform } from '../worker/platform';
import type { JudgeArguments } from './arguments';
import { batchesOf } from './engine';
import { openSaved, type OpenedRun } from './saved';
import { setsOf } from './validation';

/** Batches of training text whose loss is taken: as many tokens as the held-out text has, about. */
const BATCHES = 32;
const SAMPLES = 50;
const SAMPLE_TOKENS = 80;
const TEMPERATURE = 0.8;
/** What a person would begin with, in turn. */
const PROMPTS = {
  zh: ['春', '明月', '天下', '学而', '人生', '将鸡肉', '子曰', '江上', '故人', '在窗口中'],
  en: ['The', 'Our country', 'In this', 'When', 'The captain', 'We have', 'To open', 'It is', 'The whale', 'Congress'],
} as const;
type Language = keyof typeof PROMPTS;

export interface Judgement {
  readonly step: number;
  /** Nats a token, both weighed as the training mixture is; trainLoss null before the first step: it has read nothing. */
  readonly trainLoss: number | null;
  readonly validationLoss: number;
  readonly samples: number;
  /** Longest run of tokens that a sample shares with the training text, and that text. */
  readonly longestCopy: { readonly tokens: number; readonly text: string };
  /** Share of samples that are whole characters, and of those whose letters are the prompt's language to at least 0.65. */
  readonly wholeCharacters: number;
  readonly inPromptLanguage: number;
}

const HAN = /\p{Script=Han}/gu;
const LATIN = /\p{Script=Latin}/gu;
const LEAST_SHARE = 0.65;

/** Whether `text`'s letters are of the language to at least 0.65; one word of Latin letters weighs as one Chinese character does. */
export function isIn(language: Language, text: string): boolean {
  const han = text.match(HAN)?.length ?? 0;
  const words = (text.match(LATIN)?.length ?? 0) / 4;
  return (language === 'zh' ? han : words) >= LEAST_SHARE * (han + words);
}

/** The prompt of sample `n` and its continuation, as ids. */
async function sample({ state, text: { tokenizer }, trainer }: OpenedRun, language: Language, n: number): Promise<number[]> {
  const prompt = PROMPTS[language][n % PROMPTS[language].length]!;
  const ids = [tokenizer.endOfDocument, ...tokenizer.encode(prompt)];
  const { sequenceLength: contextLength } = state.config.train;
  const settings = { tokens: SAMPLE_TOKENS, temperature: TEMPERATURE, stopAt: tokenizer.endOfDocument, contextLength };
  const made: number[] = [];
  for await (const id of generate(() => trainer.model, ids, settings, rngFor(n, 'sample'))) made.push(id);
  return [...ids.slice(1), ...made];
}

async function lossOf(run: OpenedRun, ids: Int32Array): Promise<{ nats: number; tokens: number }> {
  const { batchSize, shards, sequenceLength } = run.state.config.train;
  const passes = evaluateLoss(() => run.trainer.model, ids, sequenceLength, batchSize / shards);
  let pass = await passes.next();
  while (!pass.done) pass = await passes.next();
  return pass.value;
}

/** Throws Trouble where the run cannot be read or its text is not here. */
export async function judge({ from, tokensPerDomain }: JudgeArguments, platform: Platform): Promise<Judgement> {
  const run = await openSaved(from, null, platform);
  const { state, text, trainer } = run;
  const batches = batchesOf(text, state.config);
  const read = [];
  for (let step = 0; step < Math.min(BATCHES, state.step); step++) read.push(await lossOf(run, batches.batch(step).ids));
  const heldOut = [];
  for (const set of setsOf(text, state.config, tokensPerDomain)) {
    const { nats, tokens } = await lossOf(run, set.ids);
    heldOut.push((nats / tokens) * set.mixtureShare);
  }
  const written: { readonly language: Language; readonly ids: number[] }[] = [];
  for (let n = 0; n < SAMPLES; n++) {
    const language = n % 2 === 0 ? 'zh' : 'en';
    written.push({ language, ids: await sample(run, language, n >> 1) });
  }
  trainer.dispose();
  const { tokenizer, corpus } = text;
  const texts = written.map(({ language, ids }) => ({ language, text: tokenizer.decode(ids) }));
  const copy = longestCopy(
    written.map(({ ids }) => ids),
    corpus.tokens,
    trainingPlaces(corpus),
  );
  // The last character of a sample may be cut: that is no fault of the model.
  const isWhole = (one: string): boolean => !one.slice(0, -1).includes('\ufffd');
  const share = (count: number): number => count / SAMPLES;
  return {
    step: state.step,
    trainLoss: read.length > 0 ? mean(read.map(({ nats, tokens }) => nats / tokens)) : null,
    validationLoss: sum(heldOut),
    samples: SAMPLES,
    longestCopy: {
      tokens: copy.length,
      text: tokenizer.decode([...corpus.tokens.subarray(copy.sourceStart, copy.sourceStart + copy.length)]),
    },
    wholeCharacters: share(texts.filter((one) => isWhole(one.text)).length),
    inPromptLanguage: share(texts.filter((one) => isIn(one.language, one.text)).length),
  };
}

/** Places of the corpus that are not held out. */
function trainingPlaces({ starts, heldOut, tokens }: Corpus): (place: number) => boolean {
  const isTraining = new Uint8Array(tokens.length);
  for (const [document, held] of heldOut.entries()) isTraining.fill(held ? 0 : 1, starts[document], starts[document + 1]);
  return (place) => isTraining[place] === 1;
}
