// `npm run corpus`: gathers the texts, encodes them with the committed tokenizer and writes public/corpus/.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hashedBytes, MANIFEST_PATH, TOKENS_PATH, type CorpusManifest, type Language, type Source } from '../../src/data/corpus';
import { createBpeTokenizer } from '../../src/data/bpe/bpeTokenizer';
import { parseTokenizerJson } from '../../src/data/bpe/tokenizerReader';
import { charactersStarting } from '../../src/data/bpe/utf8';
import type { Tokenizer } from '../../src/data/tokenizer';
import { gather, originOf, settleVariant, sourcesOf, type Variant } from './gather';
import { CACHE, OUTPUT, ROOT, TOKENIZER } from './paths';
import type { SelectedSource } from './select';

const INPUTS = path.join(CACHE, 'prepared.sha256');

export async function prepareCorpus(wanted: Variant, say: (line: string) => void): Promise<void> {
  const variant = await settleVariant(wanted, say);
  const inputs = fingerprint(variant);
  const upToDate = [INPUTS, ...[MANIFEST_PATH, TOKENS_PATH].map((file) => path.join(OUTPUT, file))].every(existsSync);
  if (upToDate && readFileSync(INPUTS, 'utf8') === inputs) {
    say(`the ${variant} corpus is up to date`);
    return;
  }
  const tokenizerText = readFileSync(TOKENIZER, 'utf8');
  const vocabulary = parseTokenizerJson(tokenizerText);
  if (!vocabulary.ok) throw new Error(`${TOKENIZER}: ${vocabulary.error}`);
  const selected = gather(variant);
  const { manifest, tokenFile } = encode(variant, selected, createBpeTokenizer(vocabulary.value), sha256(tokenizerText), say);
  for (const folder of [CACHE, path.dirname(path.join(OUTPUT, TOKENS_PATH))]) mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(OUTPUT, TOKENS_PATH), tokenFile);
  writeFileSync(path.join(OUTPUT, MANIFEST_PATH), JSON.stringify(manifest));
  writeFileSync(INPUTS, inputs);
  report(manifest, say);
}

function encode(
  variant: Variant,
  selected: readonly SelectedSource[],
  tokenizer: Tokenizer,
  tokenizerSha256: string,
  say: (line: string) => void,
): { manifest: CorpusManifest; tokenFile: Uint8Array } {
  const source: number[] = [];
  const tokens: number[] = [];
  const bytes: number[] = [];
  const characters: number[] = [];
  const validation: number[] = [];
  const parts: Int32Array[] = [];
  const sources = selected.map(({ spec, documents }, index): Source => {
    let sourceTokens = 0;
    let sourceBytes = 0;
    for (const document of documents) {
      const ids = tokenizer.encode(document.text);
      if (document.heldOut) validation.push(source.length);
      source.push(index);
      tokens.push(ids.length + 1);
      bytes.push(document.bytes);
      characters.push(charactersStarting(Buffer.from(document.text)));
      parts.push(ids, Int32Array.of(tokenizer.endOfDocument));
      sourceTokens += ids.length + 1;
      sourceBytes += document.bytes;
    }
    say(`${spec.title}: ${documents.length} documents`);
    const { id, title, licence, domain, language, parallel } = spec;
    return {
      id,
      title,
      origin: originOf(spec),
      licence,
      domain,
      language,
      documents: documents.length,
      bytes: sourceBytes,
      tokens: sourceTokens,
      parallel,
    };
  });
  const documents = { source, tokens, bytes, characters, validation };
  const tokenFile = littleEndian(parts);
  const total = (key: 'bytes' | 'tokens') => {
    const of = (language: Language) =>
      sources.filter((each) => each.language === language).reduce((sum, each) => sum + each[key], 0);
    return { zh: of('zh'), en: of('en'), none: of('none') };
  };
  return {
    tokenFile,
    manifest: {
      format: 1,
      info: {
        variant,
        sha256: sha256(hashedBytes(tokenFile, documents)),
        tokenizerSha256,
        vocabSize: tokenizer.vocabSize,
        domains: [...new Set(sources.map(({ domain }) => domain))].sort(),
        sources,
        bytes: total('bytes'),
        tokens: total('tokens'),
        validationDocuments: validation.length,
        trainingDocuments: source.length - validation.length,
      },
      documents,
    },
  };
}

function littleEndian(parts: readonly Int32Array[]): Uint8Array {
  const file = new Uint8Array(2 * parts.reduce((length, part) => length + part.length, 0));
  const view = new DataView(file.buffer);
  let at = 0;
  for (const part of parts) for (const id of part) view.setUint16(2 * at++, id, true);
  return file;
}

/** Of everything the output depends on: this code, the tokenizer, which variant, the versions of the packages. */
function fingerprint(variant: Variant): string {
  const hash = createHash('sha256').update(`${variant}\n`);
  for (const spec of sourcesOf(variant)) hash.update(`${spec.id} ${originOf(spec)}\n`);
  for (const folder of ['scripts/corpus', 'src/data/bpe', 'src/data/default']) {
    for (const file of readdirSync(path.join(ROOT, folder)).sort())
      if (!file.includes('.test.')) hash.update(file).update(readFileSync(path.join(ROOT, folder, file)));
  }
  return hash.digest('hex');
}

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');

function report({ info }: CorpusManifest, say: (line: string) => void): void {
  const mega = (count: number) => (count / 1e6).toFixed(2).padStart(6);
  for (const { domain, language, title, documents, bytes, tokens } of info.sources)
    say(
      `${domain.padEnd(10)} ${language.padEnd(5)} ${mega(bytes)} MB ${mega(tokens)} M tokens ${String(documents).padStart(6)}  ${title}`,
    );
  const { zh, en, none } = info.bytes;
  say(
    `${info.variant} corpus: Chinese ${mega(zh)} MB, English ${mega(en)} MB, code ${mega(none)} MB; ${info.validationDocuments} documents held out`,
  );
}
