// Learns byte-pair merges (Sennrich et al., arXiv 1508.07909, on bytes): the most frequent neighbouring pair becomes a token, again and again.
import { MaxHeap } from './maxHeap';
import { preTokenize } from './preTokenize';
import { vocabularyOfMerges, type BpeVocabulary } from './vocabulary';

/** A pair as one number; ids stay below 2²⁰. */
const SHIFT = 2 ** 20;
const keyOf = (left: number, right: number) => left * SHIFT + right;

/** Adds the chunks of `text` to `counts`. */
export function countChunks(text: string, counts: Map<string, number>): void {
  for (const chunk of preTokenize(text)) counts.set(chunk, (counts.get(chunk) ?? 0) + 1);
}

/**
 * The vocabulary of `vocabSize` tokens (256 bytes, merges, the end token) learned from chunk counts. Ties go to the smaller left id,
 * then to the smaller right id, so the result depends on nothing but the counts. Fewer tokens come out if no pair occurs twice.
 *
 * A merge touches only the chunks that hold its pair: each pair knows them, and a heap with lazily checked counts gives the next one.
 */
export function trainBpe(
  counts: ReadonlyMap<string, number>,
  vocabSize: number,
  onProgress?: (merges: number, total: number) => void,
): BpeVocabulary {
  const total = vocabSize - 257;
  const utf8 = new TextEncoder();
  // Sorted, because the order in which texts were read must not matter.
  const chunks = [...counts.keys()].sort().map((chunk) => ({ ids: Array.from(utf8.encode(chunk)), count: counts.get(chunk)! }));
  const pairCounts = new Map<number, number>();
  const holders = new Map<number, number[]>();
  const heap = new MaxHeap();

  const countPairs = (index: number, sign: 1 | -1, touched: Set<number> | null) => {
    const { ids, count } = chunks[index]!;
    for (let i = 0; i + 1 < ids.length; i++) {
      const key = keyOf(ids[i]!, ids[i + 1]!);
      pairCounts.set(key, (pairCounts.get(key) ?? 0) + sign * count);
      touched?.add(key);
      if (sign < 0) continue;
      const held = holders.get(key);
      if (!held) holders.set(key, [index]);
      else if (held[held.length - 1] !== index) held.push(index);
    }
  };

  for (let index = 0; index < chunks.length; index++) countPairs(index, 1, null);
  for (const [key, count] of pairCounts) heap.push(count, key);

  const pairs: [number, number][] = [];
  while (pairs.length < total) {
    const top = heap.pop();
    if (!top || top.priority < 2) break;
    const current = pairCounts.get(top.key) ?? 0;
    if (current !== top.priority) {
      if (current > 1) heap.push(current, top.key);
      continue;
    }
    const left = Math.floor(top.key / SHIFT);
    const right = top.key % SHIFT;
    const merged = 256 + pairs.length;
    pairs.push([left, right]);
    const touched = new Set<number>();
    for (const index of holders.get(top.key)!) {
      const chunk = chunks[index]!;
      const ids = mergePair(chunk.ids, left, right, merged);
      // A chunk may have lost the pair to an earlier merge, or be listed twice.
      if (ids.length === chunk.ids.length) continue;
      countPairs(index, -1, null);
      chunk.ids = ids;
      countPairs(index, 1, touched);
    }
    holders.delete(top.key);
    pairCounts.delete(top.key);
    for (const key of touched) heap.push(pairCounts.get(key)!, key);
    onProgress?.(pairs.length, total);
  }
  return vocabularyOfMerges(pairs);
}

/** `ids` with (left, right) replaced by `merged`, from left to right. */
export function mergePair(ids: readonly number[], left: number, right: number, merged: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] === left && i + 1 < ids.length && ids[i + 1] === right) {
      out.push(merged);
      i++;
    } else out.push(ids[i]!);
  }
  return out;
}
