// The commands about models that leave and come as the files Hugging Face's tools read.
import { exportFolder } from '../../checkpoint/exchange/exportFolder';
import { packZip } from '../../checkpoint/exchange/zip';
import { BUILD } from '../../core/build';
import { err, ok } from '../../core/result';
import { baselines } from '../../data/ngrams';
import { END_OF_DOCUMENT } from '../../data/tokenizer';
import { validationSets } from '../../data/validation';
import { evaluateLoss } from '../../evaluation/loss';
import { read } from '../../kernels/tensor';
import { parameterSpecs } from '../../model/parameters';
import type { Handlers, Reply, RequestContext } from '../../protocol/channel';
import type { ExportRequest } from '../../protocol/exchange';
import { failureOf } from '../failure';
import { askAbout } from '../lab/about';
import type { LabRoom } from '../lab/lab';
import type { Subject } from '../lab/subject';
import { validationResult } from '../messages';
import type { Text } from '../textLoader';
import type { Imports } from './imports';

/** The session, as far as the exchange needs it. */
export interface ExchangeRoom extends LabRoom {
  readonly imports: Imports;
  freshId(): string;
  /** A backend runs. */
  isReady(): boolean;
}

type Commands = 'exportModel' | 'importModel' | 'measureModel';

/** As the validation of a run has it, so that losses can be compared. */
const MEASURED = { sequenceLength: 128, maxTokensPerDomain: 1024, seed: 1 };
const SEQUENCES_AT_ONCE = 4;

export function createExchange(room: ExchangeRoom): Pick<Handlers, Commands> {
  return {
    exportModel: ({ request }, context) =>
      askAbout(room, request.model, context.signal, (subject) => exported(request, subject, context)),
    importModel: async ({ files }, context) => {
      const lost = room.lost();
      if (lost) return err(lost);
      if (!room.isReady()) return err({ code: 'backend-unavailable', detail: 'no backend was started' });
      try {
        return await room.imports.take(files, room.freshId(), context);
      } catch (thrown) {
        return err(context.signal.aborted ? { code: 'cancelled' } : failureOf(thrown));
      }
    },
    measureModel: ({ model }, context) =>
      askAbout(room, model, context.signal, async (subject) => {
        if (!subject.origin.readsCorpus)
          return err({ code: 'model-unavailable', detail: 'it reads other tokens than the held-out text has' });
        const text = await room.text(context);
        return text.ok ? measured(subject, text.value, context) : text;
      }),
  };
}

async function exported(request: ExportRequest, subject: Subject, { progress }: RequestContext): Promise<Reply<'exportModel'>> {
  const { model: config, train } = subject.config;
  const taken = await subject.questions.ask(async () => {
    if (subject.isOver()) return null;
    const { model, step } = subject.now();
    // What chooses is what the files have to say: without balancing that is no bias, whatever it was before.
    const [parameters, biases] = await Promise.all([
      Promise.all(model.parameters.map(read)),
      Promise.all(model.choiceOffsets.map(read)),
    ]);
    return { step, parameters, biases };
  });
  if (!taken) return err({ code: 'no-run' });
  const { step, ...weights } = taken;
  const { name, tokenizerJson: json } = subject.origin;
  const trained = name ? { steps: step, tokens: step * train.batchSize * train.sequenceLength } : null;
  const folder = exportFolder(
    {
      model: config,
      ...weights,
      provenance: { name: name || 'A dots1 model', trained, build: BUILD },
      tokenizer: { json, endOfDocument: subject.tokenizer.endOfDocument, endToken: END_OF_DOCUMENT },
    },
    request,
    parameterSpecs,
  );
  if (!folder.ok) return err({ code: 'checkpoint-unwritable', detail: folder.error.detail });
  const { files, nonFinite } = folder.value;
  progress({ stage: 'exporting', done: 0, total: 0 });
  const blobs = request.asZip
    ? [{ name: `${(name || 'model').replaceAll(/\s+/g, '-')}-step-${step}.zip`, file: await packZip(files) }]
    : [...files].map(([file, bytes]) => ({ name: file, file: new Blob([bytes]) }));
  return ok({ step, files: blobs, nonFinite });
}

async function measured(
  subject: Subject,
  { corpus, tokenizer }: Text,
  { progress, signal }: RequestContext,
): Promise<Reply<'measureModel'>> {
  const { config, questions } = subject;
  const sequenceLength = Math.min(MEASURED.sequenceLength, subject.contextLength);
  // All domains, whatever the model itself was trained on.
  const data = { ...config.data, domains: [] };
  const sets = validationSets(corpus, data, { ...MEASURED, sequenceLength, tokenizer });
  const total = sets.reduce((count, { sequences }) => count + sequences, 0);
  const losses = [];
  let before = 0;
  for (const set of sets) {
    const passes = evaluateLoss(() => subject.now().model, set.ids, sequenceLength, SEQUENCES_AT_ONCE);
    for (;;) {
      const pass = await questions.ask(async () => (signal.aborted || subject.isOver() ? null : passes.next()));
      if (!pass) return err({ code: signal.aborted ? 'cancelled' : 'no-run' });
      if (pass.done) {
        losses.push({ set, ...pass.value });
        break;
      }
      progress({ stage: 'sweeping', done: before + pass.value.done, total });
      await subject.breathe();
    }
    before += set.sequences;
  }
  const biases = await questions.ask(async () => (subject.isOver() ? null : biasesOf(subject)));
  if (!biases) return err({ code: 'no-run' });
  return ok({ result: validationResult(subject.now().step, losses), baselines: baselines(corpus, data, sets), biases });
}

/** [L, E]. */
async function biasesOf(subject: Subject): Promise<Float32Array> {
  const layers = await Promise.all(subject.now().model.choiceOffsets.map(read));
  const experts = subject.config.model.nRoutedExperts;
  const biases = new Float32Array(layers.length * experts);
  layers.forEach((bias, layer) => biases.set(bias, layer * experts));
  return biases;
}
