// Text from a model, token by token. Each token is a forward pass over the whole context, in windows of fixed sizes so that few shapes exist.
import type { Rng } from '../core/rng';
import { linear } from '../kernels/linear/linear';
import { dispose, intTensor, read, rows, tidy } from '../kernels/tensor';
import type { LiveModel } from '../model/liveModel';
import { bindParameters } from '../model/parameters';
import { plainRouterInputs } from '../model/routing';
import { forwardHidden, positionsFor } from '../model/transformer';
import { sampleToken } from './sampling';

export interface GenerationSettings {
  readonly tokens: number;
  readonly temperature: number;
  /** Generation stops before this token. */
  readonly stopAt: number;
  /** Tokens of context the model sees at most; older ones are dropped. */
  readonly contextLength: number;
}

const WINDOW_STEP = 32;

/** Logits after the last of `ids`, [V]. Padding to a window size follows the last token, so causality hides it. */
async function nextLogits(model: LiveModel, ids: readonly number[], contextLength: number): Promise<Float32Array> {
  const { config } = model;
  const window = Math.min(contextLength, Math.ceil(ids.length / WINDOW_STEP) * WINDOW_STEP);
  const padded = new Int32Array(window);
  padded.set(ids);
  const logits = tidy(() => {
    const parameters = bindParameters(config, model.parameters);
    const routers = plainRouterInputs(config, model.choiceOffsets);
    const input = intTensor(padded, [window]);
    const { output } = forwardHidden(input, parameters, positionsFor(config, 1, window), routers, config);
    return linear(rows(output, ids.length - 1, 1), parameters.head);
  });
  return read(logits).finally(() => dispose(logits));
}

/**
 * Continues `prompt` (token ids; not empty). Yields each new id.
 * @param model looked up anew for each token: a path may replace tensors when a step ends
 */
export async function* generate(
  model: () => LiveModel,
  prompt: readonly number[],
  settings: GenerationSettings,
  rng: Rng,
): AsyncGenerator<number, void> {
  const ids = [...prompt];
  for (let made = 0; made < settings.tokens; made++) {
    const logits = await nextLogits(model(), ids.slice(-settings.contextLength), settings.contextLength);
    const id = sampleToken(logits, settings.temperature, rng);
    if (id === settings.stopAt) return;
    ids.push(id);
    yield id;
  }
}
