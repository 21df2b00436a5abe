// A program of its own, for `node --expose-gc`: writes as JSON what a run holds after some of its steps. A test runner keeps records of
// its own on the heap, a little more with every task, so the heap of a run is looked at without one.
import { startBackend } from '../kernels/backends';
import { memoryHeld, type MemoryHeld } from '../kernels/memoryLimits';
import { lookAfter } from './tinyRun';

const started = await startBackend('wasm', {});
if (!started.ok || started.value.backend !== 'wasm') throw new Error(JSON.stringify(started));
const seen: (MemoryHeld & { step: number; heapBytes: number })[] = [];
await lookAfter(process.argv.slice(2).map(Number), (step) => {
  (globalThis as unknown as { gc(): void }).gc();
  seen.push({ step, heapBytes: process.memoryUsage().heapUsed, ...memoryHeld() });
});
process.stdout.write(`${JSON.stringify(seen)}\n`);
