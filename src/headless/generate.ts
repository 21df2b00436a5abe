// `npm run generate`: text from a saved model.
import { rngFor } from '../core/rng';
import { generate } from '../inference/generate';
import type { Platform } from '../worker/platform';
import type { GenerateArguments } from './arguments';
import { openSaved } from './saved';

/** Yields `options.prompt`, then its continuation as it is made, whole characters only. Throws Trouble. */
export async function* generateText(options: GenerateArguments, platform: Platform): AsyncGenerator<string, void> {
  const { state, text, trainer } = await openSaved(options.from, options.backend, platform);
  yield options.prompt;
  const { tokenizer } = text;
  const ids = [tokenizer.endOfDocument, ...tokenizer.encode(options.prompt)];
  const settings = {
    tokens: options.tokens,
    temperature: options.temperature,
    stopAt: tokenizer.endOfDocument,
    contextLength: state.config.train.sequenceLength,
  };
  // A token may end in the middle of a character.
  const decoder = new TextDecoder();
  const model = trainer.model;
  for await (const id of generate(() => model, ids, settings, rngFor(options.seed, 'sample')))
    yield decoder.decode(tokenizer.bytes(id), { stream: true });
  yield decoder.decode();
  trainer.dispose();
}
