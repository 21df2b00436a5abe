// Starts the TypeScript of this folder on a plain Node, through Vite: `node scripts/corpus/run.mjs corpus [--small]` or `… tokenizer`.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const load = async (name) =>
  (await runnerImport(fileURLToPath(new URL(name, import.meta.url)), { configFile: false, logLevel: 'error' })).module;
const say = (line) => process.stdout.write(`[corpus] ${line}\n`);

const [task, ...flags] = process.argv.slice(2);
if (task === 'corpus') await (await load('./prepare.ts')).prepareCorpus(flags.includes('--small') ? 'small' : 'full', say);
else if (task === 'tokenizer') await (await load('./trainTokenizer.ts')).trainTokenizer(say);
else throw new Error(`what should be done: corpus or tokenizer, not ${task}`);
