// Which experts some texts use. Each is a short question of its own, all of them to one copy of the weights, so training goes on.
import type { TextRoutes } from '../../analysis/routeComparison';
import { moeLayerCount, type ModelConfig } from '../../config/modelConfig';
import { err, ok, type Result } from '../../core/result';
import { tracePrompt } from '../../inference/promptTrace';
import type { RequestContext } from '../../protocol/channel';
import type { EngineError } from '../../protocol/errors';
import type { RoutesAnswer, RoutesRequest } from '../../protocol/lab';
import { readTexts } from './checks';
import { answered, snapshotOf, type Subject } from './subject';

export async function readRoutes(
  request: RoutesRequest,
  subject: Subject,
  { signal, progress }: RequestContext,
): Promise<Result<RoutesAnswer, EngineError>> {
  const texts = readTexts(request, subject);
  if (!texts.ok) return err({ code: 'invalid-question', fields: texts.error });
  const taken = await subject.questions.ask(async () => {
    if (signal.aborted || subject.isOver()) return null;
    return snapshotOf(subject);
  });
  if (!taken) return err({ code: signal.aborted ? 'cancelled' : 'no-run' });
  const { model, step } = taken;
  try {
    const parts: Int16Array[] = [];
    for (const ids of texts.value) {
      // What is asked is the copy: another model may have come in the place of its source meanwhile.
      const part = await subject.questions.ask(async () => {
        if (signal.aborted) return null;
        const { traces } = await tracePrompt(model, ids, [[]]);
        return traces[0]!.chosen;
      }, 'patient');
      if (!part) return err({ code: 'cancelled' });
      parts.push(part);
      progress({ stage: 'sweeping', done: parts.length, total: texts.value.length });
      await subject.breathe();
    }
    return ok({ ...answered(request, step, subject), routes: joined(parts, texts.value, subject.config.model) });
  } finally {
    model.dispose();
  }
}

/** The texts one after the other, each without its end token. @param parts [L, T, K] of each text */
function joined(parts: readonly Int16Array[], texts: readonly Int32Array[], model: ModelConfig): TextRoutes {
  const { nRoutedExperts: experts, numExpertsPerTok: K } = model;
  const layers = moeLayerCount(model);
  const ids = Int32Array.from(texts.flatMap((text) => [...text.subarray(1)]));
  const chosen = new Int16Array(layers * ids.length * K);
  let first = 0;
  texts.forEach(({ length: T }, text) => {
    for (let layer = 0; layer < layers; layer++) {
      const own = parts[text]!.subarray((layer * T + 1) * K, (layer + 1) * T * K);
      chosen.set(own, (layer * ids.length + first) * K);
    }
    first += T - 1;
  });
  return { layers, experts, expertsPerToken: K, tokens: Int32Array.from(texts, ({ length }) => length - 1), ids, chosen };
}
