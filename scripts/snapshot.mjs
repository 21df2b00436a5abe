// Puts a run's newest state on a shelf of snapshots: `npm run snapshot -- --from runs/first --into public/model`.
import { runCommand } from './lib/headless.mjs';

await runCommand('snapshot');
