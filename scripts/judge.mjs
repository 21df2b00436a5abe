// How far a model has only learned its text by heart: `npm run judge -- --from runs/pretrain`.
import { runCommand } from './lib/headless.mjs';

await runCommand('judge');
