// Trains without a page: `npm run train -- --preset default --steps 400 --out runs/first`. Options: src/headless/arguments.ts.
import { runCommand } from './lib/headless.mjs';

await runCommand('train');
