// Text from a model, token by token: the prompt is read once, then each new token alone (see Decoder).
import type { Intervention } from '../config/intervention';
import type { Rng } from '../core/rng';
import type { LiveModel } from '../model/liveModel';
import { Decoder } from './decoder';
import type { RoutingTrace } from './routingTrace';
import { restricted, sampleToken, type Restriction } from './sampling';

export interface GenerationSettings {
  readonly tokens: number;
  readonly temperature: number;
  /** Generation stops before this token. */
  readonly stopAt: number;
  /** Tokens of context the model sees at most; see `contextStart` for what becomes of older ones. */
  readonly contextLength: number;
  /** Left out: every token can come, as often as it likes. */
  readonly restriction?: Restriction;
}

export interface GenerationOptions {
  /** Differs whenever the weights do: a backend may write new weights into the same tensors. Left out, the weights stay as they are. */
  readonly version?: () => number;
  /**
   * Told the routing of all tokens of each call to the model, the first of which stands at `first` in prompt and text:
   * the prompt's, then one token at a time; what is read anew, because the context moved or the weights changed, comes again.
   */
  readonly onTrace?: (trace: RoutingTrace, first: number) => void;
  /** Told what each new token was drawn from: the model's logits [V], before temperature and restriction. */
  readonly onLogits?: (logits: Float32Array) => void;
  /** Checked ones (config/interventionCheck); their positions count from the first token of the prompt. */
  readonly interventions?: readonly Intervention[];
}

/**
 * Where the model's view of a text of `length` tokens begins. When the text outgrows the context, its oldest quarter is dropped at once and
 * the rest is read anew from position 0: moving by one token would mean reading everything anew for every token, since what the upper layers
 * remember of a token depends on all that came before it.
 */
export function contextStart(length: number, contextLength: number): number {
  const quarter = Math.max(1, Math.floor(contextLength / 4));
  return Math.ceil(Math.max(0, length - contextLength) / quarter) * quarter;
}

/**
 * Continues `prompt` (token ids; not empty). Yields each new id. What it holds on the device is freed when it ends or is returned from.
 * @param model looked up anew for each token: with other weights the text is read anew
 */
export async function* generate(
  model: () => LiveModel,
  prompt: readonly number[],
  settings: GenerationSettings,
  rng: Rng,
  { version = () => 0, onTrace, onLogits, interventions = [] }: GenerationOptions = {},
): AsyncGenerator<number, void> {
  const ids = [...prompt];
  let reading: { decoder: Decoder; start: number; version: number } | null = null;
  try {
    for (let made = 0; made < settings.tokens; made++) {
      const live = model();
      if (reading && !(reading.version === version() && reading.decoder.reads(live))) {
        reading.decoder.dispose();
        reading = null;
      }
      const start = contextStart(ids.length, settings.contextLength);
      reading ??= { decoder: new Decoder(live, settings.contextLength, interventions, start), start, version: version() };
      if (reading.start !== start) {
        reading.decoder.clear(start);
        reading.start = start;
      }
      const first = start + reading.decoder.length;
      const { logits, trace } = await reading.decoder.feed(ids.slice(first), onTrace !== undefined);
      if (trace) onTrace?.(trace, first);
      onLogits?.(logits);
      const { temperature, restriction } = settings;
      const id = sampleToken(restriction ? restricted(logits, ids, temperature, restriction) : logits, temperature, rng);
      if (id === settings.stopAt) return;
      ids.push(id);
      yield id;
    }
  } finally {
    reading?.decoder.dispose();
  }
}
