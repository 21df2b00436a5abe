// `npm run export`: a saved model as the files that Hugging Face's tools load, and what they have to compute from them.
import { join } from 'node:path';
import { fileOf, folderOf } from '../checkpoint/exchange/folder';
import { exportFolder } from '../checkpoint/exchange/exportFolder';
import { importFolder, type ImportedCheckpoint } from '../checkpoint/exchange/importFolder';
import { packZip } from '../checkpoint/exchange/zip';
import { assert } from '../core/assert';
import { BUILD } from '../core/build';
import { DEFAULT_TOKENIZER_JSON } from '../data/default/defaultTokenizer';
import { END_OF_DOCUMENT, type Tokenizer } from '../data/tokenizer';
import { dispose, floatTensor, intTensor, read, tidy } from '../kernels/tensor';
import { bindParameters, parameterSpecs } from '../model/parameters';
import { plainRouterInputs } from '../model/routing';
import { forward, positionsFor } from '../model/transformer';
import type { Platform } from '../worker/platform';
import { runName } from '../worker/runName';
import type { ExportArguments } from './arguments';
import { replaceFile } from './fileStore';
import { openSaved } from './saved';
import { checkFile, checkFolder } from './targets';
import { Trouble } from './trouble';

/** What the script scripts/check-transformers.py reads. */
const EXPECTED_FILE = 'expected-logits.json';
/** In both languages, and short: its logits are written out as text. */
const PROMPT = 'The train left the station. 火车离开了车站。';
/** Largest error over the largest logit that computing in float32 leaves room for. */
const TOLERANCE = 1e-4;

export interface Exported {
  readonly name: string;
  readonly step: number;
  /** Bytes of all files. */
  readonly bytes: number;
  /** Weights that are no finite numbers. */
  readonly nonFinite: number;
}

type Files = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** Writes the files of a run's newest model into the folder `out`, or as one zip where `out` ends in .zip. Throws Trouble. */
export async function exportRun({ from, out, dtype, isFolded }: ExportArguments, platform: Platform): Promise<Exported> {
  await (out.endsWith('.zip') ? checkFile : checkFolder)('out', out);
  const { state, text, trainer } = await openSaved(from, null, platform);
  const { config, runId, step } = state;
  const [parameters, biases] = await Promise.all([
    Promise.all(trainer.model.parameters.map(read)),
    Promise.all(trainer.model.choiceOffsets.map(read)),
  ]);
  trainer.dispose();
  const { batchSize, sequenceLength } = config.train;
  const name = runName(runId);
  const exported = exportFolder(
    {
      model: config.model,
      parameters: parameters.map((values) => Float32Array.from(values)),
      biases: biases.map((values) => Float32Array.from(values)),
      provenance: { name, trained: { steps: step, tokens: step * batchSize * sequenceLength }, build: BUILD },
      tokenizer: { json: DEFAULT_TOKENIZER_JSON, endOfDocument: text.tokenizer.endOfDocument, endToken: END_OF_DOCUMENT },
    },
    { dtype, isFolded },
    parameterSpecs,
  );
  if (!exported.ok) throw new Trouble(`--from ${from} cannot be exported as ${dtype}: ${exported.error.detail}.`);
  const { files, nonFinite } = exported.value;
  if (out.endsWith('.zip')) await replaceFile(out, new Uint8Array(await (await packZip(files)).arrayBuffer()));
  else {
    for (const [file, bytes] of files) await replaceFile(join(out, file), bytes);
    const expected = await expectedLogits(files, text.tokenizer, sequenceLength);
    await replaceFile(join(out, EXPECTED_FILE), new TextEncoder().encode(`${JSON.stringify(expected)}\n`));
  }
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  return { name, step, bytes, nonFinite };
}

/** What the engine makes of the files: of the rounded weights, where they are rounded. @param longest tokens of context at most */
async function expectedLogits(files: Files, tokenizer: Tokenizer, longest: number): Promise<object> {
  const ids = tokenizer.encode(PROMPT).slice(0, longest);
  const text = tokenizer.decode(ids);
  const logits = await logitsOf(await readBack(files), ids);
  return { input_ids: [[...ids]], logits: [logits], tolerance: TOLERANCE, ...(text === PROMPT ? { text } : {}) };
}

async function readBack(files: Files): Promise<ImportedCheckpoint> {
  const folder = folderOf([...files].map(([name, bytes]) => [name, fileOf(new Blob([bytes]))] as const));
  assert(folder.ok, 'the files of an export are no folder');
  const read = await importFolder(folder.value, { specsOf: parameterSpecs, limits: { total: Infinity, tensor: Infinity } });
  assert(read.ok, () => `an export cannot be read back: ${read.ok ? '' : read.error.detail}`);
  return read.value;
}

/** @returns [T][V], with the digits that tell one float32 from the next */
async function logitsOf({ model, parameters, biases }: ImportedCheckpoint, ids: Int32Array): Promise<number[][]> {
  const logits = tidy(() => {
    const tensors = parameterSpecs(model).map(({ shape }, index) => floatTensor(parameters[index]!, [...shape]));
    const routers = plainRouterInputs(
      model,
      biases.map((bias) => floatTensor(bias, [1, bias.length])),
    );
    const inputs = intTensor(ids, [ids.length]);
    return forward(inputs, bindParameters(model, tensors), positionsFor(model, 1, ids.length), routers, model).logits;
  });
  const values = await read(logits);
  dispose(logits);
  return Array.from(ids, (_, token) =>
    Array.from(values.subarray(token * model.vocabSize, (token + 1) * model.vocabSize), (value) => Number(value.toPrecision(9))),
  );
}
