// One contestant, driven by requests.
import type { Contestant } from '../contestants/contestant';
import { create } from '../contestants/create';
import type { OursPlatform } from '../contestants/ours';
import type { Reply, Request } from './messages';

/** @returns what answers one request at a time; the first starts the contestant */
export function createHost(platform: OursPlatform): (request: Request) => Promise<Reply> {
  let contestant: Contestant | undefined;
  const carryOut = async (request: Request): Promise<Reply> => {
    if (request.ask === 'start') {
      contestant = await create(request.spec, platform);
      return { is: 'start', start: await contestant.start() };
    }
    if (!contestant) throw new Error('asked to run before it was started');
    return { is: 'stretch', stretch: await contestant.time(request.steps) };
  };
  return (request) =>
    carryOut(request).catch((thrown: unknown) => ({
      is: 'failed',
      detail: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
    }));
}
