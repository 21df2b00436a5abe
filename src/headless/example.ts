// The engine as a library: train a little, judge it, keep it, go on from it. Run in example.test.ts.
import { PRESETS } from '../config/presets';
import type { RunConfig } from '../config/trainConfig';
import { Trainer } from '../training/trainer';
import { batchesOf, identityOf, loadText, startEngine } from './engine';
import { nodePlatform } from './nodePlatform';
import { RunFolder } from './runFolder';
import { setsOf, validate } from './validation';

/** Trains `config` for `steps` steps on the text in `publicFolder`, saves the run in `folder`, and returns its losses and its judgement. */
export async function example(publicFolder: string, folder: string, steps: number, config: RunConfig = PRESETS.default) {
  const engine = await startEngine('wasm');
  const text = await loadText(nodePlatform({ publicFolder }).readAsset);
  const run = new RunFolder(folder);
  const saved = await run.load();
  const trainer = new Trainer(config, batchesOf(text, config), { resume: saved ?? undefined });
  const losses: number[] = [];
  for await (const event of trainer.events()) {
    if (event.kind === 'step') losses.push(event.report.loss);
    if (losses.length === steps) break;
  }
  const { overall } = await validate(() => trainer.model, setsOf(text, config, 256), trainer.config, trainer.step);
  const identity = identityOf(text, engine);
  const about = { runId: saved?.runId ?? 'example', config: trainer.config, identity, historyPosition: 0 };
  await run.save({ ...about, ...(await trainer.capture()) });
  trainer.dispose();
  return { losses, validation: overall.nats, step: trainer.step };
}
