// Makes the model that the page opens on: `npm run pretrain`. The preset `default` on the whole corpus for about two passes, and a
// snapshot at each rung of a ladder. Stopped, it goes on where it stopped; the same machine comes to the same bits. Another model is made in
// other folders: `--out runs/mine --into shelves/mine`, with `--rungs 0,100,400` and `--set model.hiddenSize=64` as `npm run train` has it.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareInputs } from './lib/prepare.mjs';
import { root, run, Trouble } from './lib/run.mjs';

const RUNGS = '0,10,30,100,300,1000,2500,5000';
const SCHEDULE = { warmupSteps: 100, stableSteps: 3900, decaySteps: 1000, validationEvery: 250, sampleEvery: 0 };

function readOptions() {
  const { values } = parseArgs({
    options: {
      rungs: { type: 'string', default: RUNGS },
      out: { type: 'string', default: join(root, 'runs/pretrain') },
      into: { type: 'string', default: join(root, 'public/model') },
      set: { type: 'string', multiple: true, default: [] },
    },
  });
  const rungs = values.rungs.split(',').map((rung) => (/^\d{1,9}$/.test(rung) ? Number(rung) : NaN));
  if (rungs.some((rung, index) => Number.isNaN(rung) || rung <= (rungs[index - 1] ?? -1)))
    throw new Trouble(`--rungs ${values.rungs}: steps in ascending order are asked for, such as ${RUNGS}.`);
  // From where the command was called; the commands it calls run in the repository's folder.
  return { ...values, rungs, out: resolve(values.out), into: resolve(values.into) };
}

/** What the shelf's manifest names; nothing where there is none. */
async function shelvedIn(into) {
  const path = join(into, 'manifest.json');
  try {
    const { snapshots } = JSON.parse(await readFile(path, 'utf8'));
    if (snapshots.every(({ step, file }) => Number.isInteger(step) && typeof file === 'string')) return snapshots;
  } catch (thrown) {
    if (thrown.code === 'ENOENT') return [];
    if (thrown.code) throw new Trouble(`--into ${into}: its manifest.json cannot be read (${thrown.code}); name another folder.`);
  }
  throw new Trouble(
    `--into ${into}: its manifest.json is no shelf's. Delete it and the snapshots beside it, or name another folder.`,
  );
}

/** A file counts once the manifest names it as it is: a command killed before that has left a file without a measurement. */
async function isShelved(into, step) {
  const entry = (await shelvedIn(into)).find((one) => one.step === step);
  const file = entry && (await readFile(join(into, entry.file)).catch(() => null));
  return Boolean(file) && createHash('sha256').update(file).digest('hex') === entry.sha256;
}

/** Whether a state was ever committed: a run killed before its first save has left a history only, and begins anew. */
const isBegun = async (out) => (await readdir(out).catch(() => [])).some((name) => /^state\.[ab]\.commit$/.test(name));

async function command(script, ...args) {
  const { code } = await run(process.execPath, [join(root, 'scripts', script), ...args]);
  if (code !== 0) throw new Trouble(`${script} ended with code ${code}.`);
}

async function main() {
  const { rungs, out, into, set } = readOptions();
  await prepareInputs();
  const settings = [...Object.entries(SCHEDULE).map(([key, value]) => `train.${key}=${value}`), ...set];
  for (const rung of rungs) {
    if (await isShelved(into, rung)) {
      console.log(`  step ${rung} is in ${into}`);
      continue;
    }
    const goesOn = await isBegun(out);
    if (!goesOn && (await shelvedIn(into)).length > 0)
      throw new Trouble(
        `--into ${into} holds snapshots, but none of step ${rung}, and --out ${out} holds no run to go on with: ` +
          'name the folder of their run, or another --into.',
      );
    const which = goesOn ? ['--resume'] : ['--preset', 'default'];
    const asked = settings.flatMap((setting) => ['--set', setting]);
    await command('train.mjs', ...which, ...asked, '--steps', String(rung), '--save-every', '250', '--out', out);
    await command('snapshot.mjs', '--from', out, '--into', into, '--step', String(rung));
  }
}

main().catch((error) => {
  console.error(error instanceof Trouble || error.code?.startsWith('ERR_PARSE_ARGS') ? error.message : error);
  process.exit(1);
});
