// Writes a run's model as the files that Hugging Face's tools load: `npm run export -- --from runs/first --out exported`.
import { runCommand } from './lib/headless.mjs';

await runCommand('export');
