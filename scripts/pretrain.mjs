// Makes the model that the page opens on: `npm run pretrain`. The preset `default` on the whole corpus for about two passes, and a
// snapshot at each rung of a ladder. Stopped, it goes on where it stopped; the same machine comes to the same bits.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { prepareInputs } from './lib/prepare.mjs';
import { root, run, Trouble } from './lib/run.mjs';

const RUNGS = [0, 10, 30, 100, 300, 1000, 2500, 5000];
const SCHEDULE = { warmupSteps: 100, stableSteps: 3900, decaySteps: 1000, validationEvery: 250, sampleEvery: 0 };
const folder = 'runs/pretrain';
const shelf = 'public/model';

async function command(script, ...args) {
  const { code } = await run(process.execPath, [join('scripts', script), ...args]);
  if (code !== 0) throw new Trouble(`${script} ended with code ${code}.`);
}

await prepareInputs();
const settings = Object.entries(SCHEDULE).flatMap(([key, value]) => ['--set', `train.${key}=${value}`]);
try {
  for (const rung of RUNGS) {
    if (existsSync(join(root, shelf, `step-${String(rung).padStart(6, '0')}.safetensors`))) continue;
    const begun = existsSync(join(root, folder, 'history.jsonl'));
    const which = begun ? ['--resume'] : ['--preset', 'default', ...settings];
    await command('train.mjs', ...which, '--steps', String(rung), '--save-every', '250', '--out', folder);
    await command('snapshot.mjs', '--from', folder, '--into', shelf);
  }
} catch (error) {
  console.error(error instanceof Trouble ? error.message : error);
  process.exit(1);
}
