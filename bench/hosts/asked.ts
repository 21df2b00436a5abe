// A contestant elsewhere, as the bench sees it.
import type { Contestant, ContestantSpec } from '../contestants/contestant';
import type { Reply, Request } from './messages';

/** @param ask brings a request there and a reply back */
export function asked(ask: (request: Request) => Promise<Reply>, spec: ContestantSpec): Contestant {
  const answered = async <Is extends Reply['is']>(request: Request, is: Is): Promise<Extract<Reply, { is: Is }>> => {
    const reply = await ask(request);
    if (reply.is === 'failed') throw new Error(`${spec.kind}: ${reply.detail}`);
    if (reply.is !== is) throw new Error(`answered ${reply.is}, not ${is}`);
    return reply as Extract<Reply, { is: Is }>;
  };
  return {
    start: async () => (await answered({ ask: 'start', spec }, 'start')).start,
    time: async (steps) => (await answered({ ask: 'time', steps }, 'stretch')).stretch,
  };
}
