// Contestants in child processes. One that is not asked for anything does nothing: turns do not disturb each other.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Contestant, ContestantSpec } from '../contestants/contestant';
import { asked } from './asked';
import type { Reply, Request } from './messages';

/** A contestant elsewhere, which has to be ended. */
export interface Guest extends Contestant {
  close(): void;
}

/** Where contestants live: child processes or pages. */
export type Host = (spec: ContestantSpec) => Promise<Guest>;

export const nodeHost: Host = async (spec) => {
  const child = fork(fileURLToPath(new URL('./nodeChild.js', import.meta.url)), { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let said = '';
  child.stderr!.on('data', (data: Buffer) => (said = `${said}${data.toString()}`.slice(-2000)));
  const ask = (request: Request) =>
    new Promise<Reply>((resolve, reject) => {
      const died = (code: number | null) => reject(new Error(`the process of ${spec.kind} ended (${code}): ${said}`));
      child.once('exit', died);
      child.once('message', (reply: Reply) => {
        child.off('exit', died);
        resolve(reply);
      });
      child.send(request);
    });
  return { ...asked(ask, spec), close: () => void child.kill() };
};
