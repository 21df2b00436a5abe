import { describe, expect, test } from 'vitest';
import { preTokenize } from './preTokenize';
import { SAMPLE_TEXT } from './sampleText';
import { countChunks, mergePair, trainBpe } from './train';

/** The definition: count every neighbouring pair anew before each merge. */
function trainNaively(text: string, merges: number): [number, number][] {
  const utf8 = new TextEncoder();
  let chunks = preTokenize(text).map((chunk) => Array.from(utf8.encode(chunk)));
  const learned: [number, number][] = [];
  while (learned.length < merges) {
    const counts = new Map<string, number>();
    for (const ids of chunks)
      for (let i = 0; i + 1 < ids.length; i++)
        counts.set(`${ids[i]} ${ids[i + 1]}`, (counts.get(`${ids[i]} ${ids[i + 1]}`) ?? 0) + 1);
    const [best] = [...counts]
      .map(([pair, count]) => ({ pair: pair.split(' ').map(Number) as [number, number], count }))
      .sort((x, y) => y.count - x.count || x.pair[0] - y.pair[0] || x.pair[1] - y.pair[1]);
    if (!best || best.count < 2) break;
    const merged = 256 + learned.length;
    learned.push(best.pair);
    chunks = chunks.map((ids) => mergePair(ids, best.pair[0], best.pair[1], merged));
  }
  return learned;
}

const train = (text: string, vocabSize: number) => {
  const counts = new Map<string, number>();
  countChunks(text, counts);
  return trainBpe(counts, vocabSize);
};
const pairs = (text: string, vocabSize: number) => train(text, vocabSize).merges.map(([left, right]) => [left, right]);

describe('the trainer', () => {
  test('learns the merges that counting every pair anew would learn', () => {
    expect(pairs(SAMPLE_TEXT, 257 + 300)).toEqual(trainNaively(SAMPLE_TEXT, 300));
  });

  test.each(['aaaaaaa aaaaaaa aaaa aa', 'abababab abababa baba', 'aabbaabb bbaabbaa aabb'])(
    'counts overlapping pairs right in "%s"',
    (text) => {
      expect(pairs(text, 257 + 20)).toEqual(trainNaively(text, 20));
    },
  );

  test('does not depend on the order of the text', () => {
    const lines = SAMPLE_TEXT.split('\n');
    expect(pairs([...lines].reverse().join('\n'), 400)).toEqual(pairs(SAMPLE_TEXT, 400));
  });

  test('stops when no pair occurs twice', () => {
    expect(train('xyz', 1000).tokens).toHaveLength(257);
  });
});
