// Continues a text by a saved run: `npm run generate -- --from runs/first --prompt 'The train' --tokens 60`.
import { runCommand } from './lib/headless.mjs';

await runCommand('generate');
