// `npm run snapshot`: puts a run as it stands on a shelf, with what it makes of held-out text.
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestJson, parseShelfManifest, SHELF_MANIFEST, type ShelfManifest, type ShelfSnapshot } from '../checkpoint/shelf';
import { encodeSnapshot } from '../checkpoint/snapshot';
import { baselines } from '../data/ngrams';
import { parameterSpecs } from '../model/parameters';
import { afterChanges } from '../training/state';
import type { Platform } from '../worker/platform';
import { runName } from '../worker/runName';
import type { SnapshotArguments } from './arguments';
import { replaceFile } from './fileStore';
import { readRun } from './runFile';
import { openState } from './saved';
import { checkFolder } from './targets';
import { codeOf, Trouble } from './trouble';
import { perLayer, setsOf, validate } from './validation';

const ADVICE = 'Name another folder, or delete it and the snapshots beside it.';

/** The manifest in `folder`; null where there is none. Throws Trouble where it cannot be read. */
async function shelfIn(folder: string): Promise<ShelfManifest | null> {
  const text = await readFile(join(folder, SHELF_MANIFEST), 'utf8').catch((thrown: unknown) => {
    if (codeOf(thrown) === 'ENOENT') return null;
    throw new Trouble(`--into ${folder}: its ${SHELF_MANIFEST} cannot be read (${codeOf(thrown)}). ${ADVICE}`, 2);
  });
  if (text === null) return null;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Trouble(`--into ${folder}: its ${SHELF_MANIFEST} is no JSON. ${ADVICE}`, 2);
  }
  const manifest = parseShelfManifest(json);
  if (manifest.ok) return manifest.value;
  throw new Trouble(`--into ${folder}: its ${SHELF_MANIFEST} cannot be read: ${manifest.error}. ${ADVICE}`, 2);
}

function elsewhere(from: string, step: number, asked: number): Trouble {
  const advice =
    step < asked
      ? `train it on with --resume --steps ${asked}`
      : `it does not go back, so leave step ${asked} out, or train anew in another folder`;
  return new Trouble(`--from ${from} holds a run at step ${step}, and --step asks for ${asked}: ${advice}.`, 2);
}

/** Adds a run's newest state to a shelf, or puts it in place of the snapshot of the same step. Throws Trouble. */
export async function shelve(options: SnapshotArguments, platform: Platform): Promise<ShelfSnapshot> {
  const { from, into, tokensPerDomain } = options;
  await checkFolder('into', into);
  const shelf = await shelfIn(into);
  const state = await readRun(from, 'from');
  const { runId, identity, step, parameters, biases } = state;
  // As they stand at this step: a model that was measured without its bias has to be asked without it.
  const config = { ...state.config, train: afterChanges(state.config.train, state.changes) };
  if (options.step !== null && options.step !== step) throw elsewhere(from, step, options.step);
  if (shelf && shelf.runId !== runId)
    throw new Trouble(
      `--into ${into} holds snapshots of the run ${shelf.name}, not of ${runName(runId)}: name another folder.`,
      2,
    );
  const { text, trainer } = await openState(state, null, platform);
  const sets = setsOf(text, config, tokensPerDomain);
  const { overall, domains, load } = await validate(() => trainer.model, sets, config, step);
  trainer.dispose();
  const file = encodeSnapshot({ runId, config, identity, step, parameters, biases }, parameterSpecs);
  const entry: ShelfSnapshot = {
    step,
    file: `step-${String(step).padStart(6, '0')}.safetensors`,
    bytes: file.length,
    sha256: createHash('sha256').update(file).digest('hex'),
    nats: overall.nats,
    domains: domains.map(({ domain, language, tokens, nats }) => ({ domain, language, tokens, nats })),
    maxVioGlobal: load.length > 0 ? perLayer(load, config.model) : [],
  };
  const { uniform, unigram, bigram } = baselines(text.corpus, config.data, sets);
  const others = shelf?.snapshots.filter((one) => one.step !== step) ?? [];
  const isNewest = others.every((one) => one.step < step);
  const manifest: ShelfManifest = {
    runId,
    name: runName(runId),
    config: shelf && !isNewest ? shelf.config : config,
    baselines: { uniform, unigram, bigram },
    snapshots: [...others, entry].sort((one, other) => one.step - other.step),
  };
  await mkdir(into, { recursive: true });
  await replaceFile(join(into, entry.file), file);
  await replaceFile(join(into, SHELF_MANIFEST), new TextEncoder().encode(`${JSON.stringify(manifestJson(manifest), null, 1)}\n`));
  return entry;
}
