// A contestant in a worker of its page.
import { createHost } from './answer';
import type { Request } from './messages';
import { pagePlatform } from './pagePlatform';

const answer = createHost(pagePlatform());
self.addEventListener('message', ({ data }: MessageEvent<Request>) => void answer(data).then((reply) => self.postMessage(reply)));
