import { Worker } from 'node:worker_threads';
import { startBackend } from '../src/kernels/backends';
import { Trainer } from '../src/training/trainer';
import { compile } from '../src/worker/rehearse';
import { sharedClock } from '../src/worker/sharedClock';
import { ShardPool } from '../src/worker/shardPool';
import { small, dense, syntheticText } from './workloads';
const workers = Number(process.env.WORKERS ?? 2), STEPS = Number(process.env.STEPS ?? 400);
const run = (process.env.MODEL === 'dense' ? dense : small)({ shards: Number(process.env.SHARDS ?? workers) });
const spawn = () => {
  const worker = new Worker(new URL('./shardThread.js', import.meta.url));
  return { postMessage: (m: any, t: any) => worker.postMessage(m, t), onMessage: (l: any) => void worker.on('message', l), onDeath: (l: any) => void worker.on('error', () => l()), terminate: () => void worker.terminate() } as any;
};
await startBackend('wasm', { wasmPath: undefined } as any);
const pool = new ShardPool(spawn);
if (workers > 1) { pool.resize(workers - 1); pool.open(run); }
await compile(run, { progress: () => undefined, signal: new AbortController().signal });
const trainer = new Trainer(run, syntheticText(run), { helpers: pool });
trainer.trace(process.env.NOTRACE ? null : { clock: sharedClock, exact: false });
const events = trainer.events();
const rows = new Map<string, number[][]>();
const walls: number[] = [];
for (let s = 0; s < STEPS; ) {
  const t = performance.now();
  for (;;) {
    const { value: e } = await events.next();
    if (e.kind === 'shard') continue;
    const wall = performance.now() - t;
    if (e.workers < workers) { await new Promise((r) => setTimeout(r, 50)); break; }
    s++;
    if (s > STEPS / 2) {
      walls.push(wall);
      e.trace?.spans.forEach((sp, i) => {
        const k = `${sp.worker} ${String(sp.shard)} ${sp.phase}`;
        (rows.get(k) ?? rows.set(k, []).get(k)!).push([sp.start, sp.duration]);
      });
    }
    break;
  }
  await new Promise((r) => setTimeout(r, 0));
}
const med = (v: number[]) => v.sort((a, b) => a - b)[v.length >> 1]!;
const p10 = (v: number[]) => v.sort((a, b) => a - b)[(v.length / 10) | 0]!;
console.log(`workers ${workers} shards ${run.train.shards} wall p10 ${p10(walls).toFixed(2)} median ${med(walls).toFixed(2)}`);
for (const [k, v] of rows) console.log(k.padEnd(22), 'start', med(v.map((x) => x[0]!)).toFixed(2), 'dur', med(v.map((x) => x[1]!)).toFixed(2));
process.exit(0);
