// A contestant in a page of its own; the bench calls it from outside. Ours works in a worker on WASM, as the product's engine does: a page's
// own thread, which also draws, hears helpers later.
import type { ContestantSpec } from '../contestants/contestant';
import { createHost } from './answer';
import type { Reply, Request } from './messages';
import { pagePlatform } from './pagePlatform';

declare global {
  interface Window {
    bench(request: Request): Promise<Reply>;
  }
}

function inWorker(): Window['bench'] {
  const worker = new Worker(new URL('./pageWorker.ts', import.meta.url), { type: 'module' });
  return (request) =>
    new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<Reply>) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(request);
    });
}

const hostOf = ({ kind, backend }: ContestantSpec): Window['bench'] =>
  backend === 'wasm' && kind === 'ours' ? inWorker() : createHost(pagePlatform());

let host: Window['bench'];

window.bench = (request) => {
  if (request.ask === 'start') host = hostOf(request.spec);
  return host(request);
};
