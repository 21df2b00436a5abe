// The commands about models that leave and come as the files Hugging Face's tools read.
import { exportFolder } from '../../checkpoint/exchange/exportFolder';
import { packZip } from '../../checkpoint/exchange/zip';
import { BUILD } from '../../core/build';
import { err, ok, type Result } from '../../core/result';
import { baselines } from '../../data/ngrams';
import { END_OF_DOCUMENT } from '../../data/tokenizer';
import { validationSets, type ValidationSet } from '../../data/validation';
import { evaluateLoss, type SetLoss } from '../../evaluation/loss';
import { read } from '../../kernels/tensor';
import type { LiveModel } from '../../model/liveModel';
import { parameterSpecs } from '../../model/parameters';
import type { Handlers, Reply, RequestContext } from '../../protocol/channel';
import type { EngineError } from '../../protocol/errors';
import type { ExportRequest } from '../../protocol/exchange';
import { failureOf } from '../failure';
import { askAbout } from '../lab/about';
import type { LabRoom } from '../lab/lab';
import { copiesOver, snapshotOf, type Subject } from '../lab/subject';
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

/** Measures a copy: training, or another model that is looked at, goes on beside it. */
async function measured(subject: Subject, { corpus, tokenizer }: Text, context: RequestContext): Promise<Reply<'measureModel'>> {
  const sequenceLength = Math.min(MEASURED.sequenceLength, subject.contextLength);
  // All domains, whatever the model itself was trained on.
  const data = { ...subject.config.data, domains: [] };
  const sets = validationSets(corpus, data, { ...MEASURED, sequenceLength, tokenizer });
  const taken = await subject.questions.ask(() => snapshotOf(subject));
  if (!taken) return err({ code: 'no-run' });
  const { model, step } = taken;
  const copied = { questions: subject.questions, breathe: () => subject.breathe(), isOver: copiesOver(subject) };
  try {
    const losses = await lossesOf(model, sets, sequenceLength, copied, context);
    if (!losses.ok) return losses;
    const biases = await copied.questions.ask(async () => (copied.isOver() ? null : Promise.all(model.choiceOffsets.map(read))));
    if (!biases) return err({ code: 'no-run' });
    return ok({
      result: validationResult(step, losses.value),
      baselines: baselines(corpus, data, sets),
      biases: sideBySide(biases),
    });
  } finally {
    model.dispose();
  }
}

/** A pass at a time, each a question of its own. */
async function lossesOf(
  model: LiveModel,
  sets: readonly ValidationSet[],
  sequenceLength: number,
  { questions, breathe, isOver }: Pick<Subject, 'questions' | 'breathe' | 'isOver'>,
  { progress, signal }: RequestContext,
): Promise<Result<({ set: ValidationSet } & SetLoss)[], EngineError>> {
  const total = sets.reduce((count, { sequences }) => count + sequences, 0);
  const losses = [];
  let before = 0;
  for (const set of sets) {
    const passes = evaluateLoss(() => model, set.ids, sequenceLength, SEQUENCES_AT_ONCE);
    for (;;) {
      const pass = await questions.ask(async () => (signal.aborted || isOver() ? null : passes.next()));
      if (!pass) return err({ code: signal.aborted ? 'cancelled' : 'no-run' });
      if (pass.done) {
        losses.push({ set, ...pass.value });
        break;
      }
      progress({ stage: 'sweeping', done: before + pass.value.done, total });
      await breathe();
    }
    before += set.sequences;
  }
  return ok(losses);
}

/** @param rows of equal length, [L][E] @returns [L, E] */
function sideBySide(rows: readonly Float32Array[]): Float32Array {
  const width = rows[0]?.length ?? 0;
  const all = new Float32Array(rows.length * width);
  rows.forEach((row, index) => all.set(row, index * width));
  return all;
}
