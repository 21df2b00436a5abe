// Judges a saved run by held-out text: `npm run evaluate -- --from runs/first`.
import { runCommand } from './lib/headless.mjs';

await runCommand('evaluate');
