// `npm run tokenizer`: trains the default tokenizer on the training documents of the full corpus. Done once; the result is committed.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { toTokenizerJson } from '../../src/data/bpe/tokenizerJson';
import { countChunks, trainBpe } from '../../src/data/bpe/train';
import { gather, settleVariant } from './gather';
import { TOKENIZER } from './paths';

const VOCAB_SIZE = 2048;

export async function trainTokenizer(say: (line: string) => void): Promise<void> {
  if ((await settleVariant('full', say)) !== 'full') throw new Error('the default tokenizer is trained on the full corpus only');
  const counts = new Map<string, number>();
  for (const { documents } of gather('full')) for (const { text, heldOut } of documents) if (!heldOut) countChunks(text, counts);
  say(`${counts.size} different chunks`);
  const started = performance.now();
  const json = toTokenizerJson(
    trainBpe(counts, VOCAB_SIZE, (done, total) => done % 100 === 0 && say(`${done} of ${total} merges`)),
  );
  mkdirSync(path.dirname(TOKENIZER), { recursive: true });
  writeFileSync(TOKENIZER, json);
  writeFileSync(`${TOKENIZER}.sha256`, `${createHash('sha256').update(json).digest('hex')}\n`);
  say(`trained in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
