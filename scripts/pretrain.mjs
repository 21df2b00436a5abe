// Makes the model that the page opens on: `npm run pretrain`. The preset `default` on the whole corpus for about two passes, and a
// snapshot at each rung of a ladder. Stopped, it goes on where it stopped; the same machine comes to the same bits. Another model is made in
// other folders: `--out runs/mine --into shelves/mine`, with `--rungs 0,100,400` and `--set model.hiddenSize=64` as `npm run train` has it.
import { existsSync } from 'node:fs';
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
  const rungs = values.rungs.split(',').map(Number);
  if (rungs.some((rung, index) => !Number.isInteger(rung) || rung < 0 || rung <= (rungs[index - 1] ?? -1)))
    throw new Trouble(`--rungs ${values.rungs}: steps in ascending order are asked for, such as ${RUNGS}.`);
  return { ...values, rungs };
}

async function command(script, ...args) {
  const { code } = await run(process.execPath, [join(root, 'scripts', script), ...args]);
  if (code !== 0) throw new Trouble(`${script} ended with code ${code}.`);
}

async function main() {
  const { rungs, out, into, set } = readOptions();
  await prepareInputs();
  const settings = [...Object.entries(SCHEDULE).map(([key, value]) => `train.${key}=${value}`), ...set];
  for (const rung of rungs) {
    if (existsSync(join(resolve(into), `step-${String(rung).padStart(6, '0')}.safetensors`))) continue;
    const isBegun = existsSync(join(resolve(out), 'history.jsonl'));
    const which = isBegun ? ['--resume'] : ['--preset', 'default', ...settings.flatMap((setting) => ['--set', setting])];
    await command('train.mjs', ...which, '--steps', String(rung), '--save-every', '250', '--out', out);
    await command('snapshot.mjs', '--from', out, '--into', into);
  }
}

main().catch((error) => {
  console.error(error instanceof Trouble || error.code?.startsWith('ERR_PARSE_ARGS') ? error.message : error);
  process.exit(1);
});
