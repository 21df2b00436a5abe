// A prompt continued with the weights of a run's last finished step.
import type { TrainConfig } from '../config/trainConfig';
import { err, ok } from '../core/result';
import { rngFor } from '../core/rng';
import { generate } from '../inference/generate';
import type { Reply } from '../protocol/channel';
import type { SampleRequest } from '../protocol/commands';
import type { EngineError } from '../protocol/errors';
import { failureOf } from './failure';
import type { LiveRunParts } from './liveRun';

/** What a continuation needs of a run. */
interface Writer {
  readonly parts: Pick<LiveRunParts, 'tokenizer' | 'platform' | 'trainer' | 'reach'>;
  readonly step: number;
  readonly settings: TrainConfig;
}

interface Sampler {
  sample(request: Omit<SampleRequest, 'model'>, signal: AbortSignal): Promise<string | null>;
}

/** The text with its prompt; null where it came to be unwanted. @param ways `between` is waited for after each token */
export async function continueText(
  run: Writer,
  { prompt, tokens, temperature, seed }: Omit<SampleRequest, 'model'>,
  { isUnwanted, between }: { readonly isUnwanted: () => boolean; readonly between?: () => Promise<unknown> },
): Promise<string | null> {
  if (isUnwanted()) return null;
  const { tokenizer, platform, trainer, reach } = run.parts;
  const ids = [tokenizer.endOfDocument, ...tokenizer.encode(prompt)];
  const settings = { tokens, temperature, stopAt: tokenizer.endOfDocument, contextLength: run.settings.sequenceLength };
  const made: number[] = [];
  const weights = { version: () => run.step };
  for await (const id of generate(() => trainer.model, ids, settings, rngFor(seed, 'sample'), weights)) {
    made.push(id);
    reach('generating', run.step);
    await platform.breathe();
    await between?.();
    if (isUnwanted()) return null;
  }
  return tokenizer.decode([...ids.slice(1), ...made]);
}

/** @param run null: there is none @param lost set while the device is gone */
export async function sampleReply(
  run: Sampler | null,
  lost: () => EngineError | null,
  request: SampleRequest,
  signal: AbortSignal,
): Promise<Reply<'sample'>> {
  const { model } = request;
  if (model.kind !== 'live') return err({ code: 'model-unavailable', detail: model.kind });
  const gone = lost();
  if (gone) return err(gone);
  if (!run) return err({ code: 'no-run' });
  try {
    const text = await run.sample(request, signal);
    if (text !== null) return ok({ text, model });
  } catch (thrown) {
    return err(lost() ?? failureOf(thrown));
  }
  return err(signal.aborted ? { code: 'cancelled' } : { code: 'no-run' });
}
