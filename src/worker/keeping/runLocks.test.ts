// One writer a run: over the browser's locks, and by asking around where there are none.
import { describe, expect, it } from 'vitest';
import { FakeLocks, tabs } from '../../testing/fakeLocks';
import { createWebRunLocks, type Holder, type RunLocks } from './runLocks';
import { createWhisperedLocks } from './whisperedLocks';

const silent: Holder = { onAsked: () => Promise.resolve(), onTaken: () => undefined };

/** Two tabs, and one that has gone. */
function kinds(): Record<string, { first: RunLocks; second: RunLocks }> {
  const locks = new FakeLocks();
  const [web, asked] = [tabs(), tabs()];
  return {
    'the browser’s locks': {
      first: createWebRunLocks(locks, web(), 50),
      second: createWebRunLocks(locks, web(), 50),
    },
    'asking around': {
      first: createWhisperedLocks(asked(), 20, 100),
      second: createWhisperedLocks(asked(), 20, 100),
    },
  };
}

describe.each(Object.keys(kinds()))('over %s', (kind) => {
  it('a run has one holder; a released one is free', async () => {
    const { first, second } = kinds()[kind]!;
    const hold = await first.hold('a', silent);
    expect(await second.hold('a', silent)).toBeNull();
    expect(await second.hold('b', silent)).not.toBeNull();
    expect(await second.held()).toEqual(new Set(['a', 'b']));
    await hold!.release();
    expect(await second.hold('a', silent)).not.toBeNull();
    expect(await first.hold('a', silent)).toBeNull();
  });

  it('who is asked for a run saves first, then lets go', async () => {
    const { first, second } = kinds()[kind]!;
    const order: string[] = [];
    await first.hold('a', {
      onAsked: async () => {
        await new Promise((resolve) => setTimeout(resolve, 10));
        order.push('saved');
      },
      onTaken: () => order.push('robbed'),
    });
    await second.takeOver('a', silent);
    order.push('taken');
    expect(order).toEqual(['saved', 'taken']);
    expect(await first.hold('a', silent)).toBeNull();
  });

  it('a run nobody has can be taken over too', async () => {
    const { first, second } = kinds()[kind]!;
    await second.takeOver('a', silent);
    expect(await first.hold('a', silent)).toBeNull();
  });
});

describe('a tab that does not answer', () => {
  it('is robbed after the wait, and told', async () => {
    const locks = new FakeLocks();
    const between = tabs();
    const first = createWebRunLocks(locks, between(), 30);
    const second = createWebRunLocks(locks, between(), 30);
    let taken = 0;
    const never = new Promise<void>(() => undefined);
    await first.hold('a', { onAsked: () => never, onTaken: () => void taken++ });
    const hold = await second.takeOver('a', silent);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(taken).toBe(1);
    expect(await first.hold('a', silent)).toBeNull();
    await hold.release();
    expect((await first.held()).size).toBe(0);
  });
});
