import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hashedBytes, MANIFEST_PATH, TOKENS_PATH, type CorpusManifest } from './corpus';
import { loadCorpus } from './loadCorpus';

const TOKENIZER = 'the tokenizer’s hash';
const tokenFile = Uint8Array.of(1, 0, 2, 0, 9, 0, 3, 1, 9, 0);
const documents = { source: [0, 0], tokens: [3, 2], bytes: [2, 3], characters: [2, 1], validation: [1] };
const manifest: CorpusManifest = {
  format: 1,
  info: {
    variant: 'small',
    sha256: createHash('sha256').update(hashedBytes(tokenFile, documents)).digest('hex'),
    tokenizerSha256: TOKENIZER,
    vocabSize: 300,
    domains: ['tale'],
    sources: [
      {
        id: 'a',
        title: 'A',
        origin: 'test',
        licence: 'MIT',
        domain: 'tale',
        language: 'en',
        documents: 2,
        bytes: 5,
        tokens: 5,
        parallel: null,
      },
    ],
    bytes: { zh: 0, en: 5, none: 0 },
    tokens: { zh: 0, en: 5, none: 0 },
    validationDocuments: 1,
    trainingDocuments: 1,
  },
  documents,
};

const load = (files: Readonly<Record<string, Uint8Array | string>>, signal?: AbortSignal) =>
  loadCorpus({
    readAsset: (path) => {
      const file = files[path];
      if (file === undefined) return Promise.reject(new Error('not there'));
      return Promise.resolve(typeof file === 'string' ? new TextEncoder().encode(file) : file);
    },
    tokenizerSha256: TOKENIZER,
    onProgress: () => {},
    signal,
  });
const whole = { [MANIFEST_PATH]: JSON.stringify(manifest), [TOKENS_PATH]: tokenFile };
const codeOf = async (...args: Parameters<typeof load>) => {
  const loaded = await load(...args);
  return loaded.ok ? 'ok' : `${loaded.error.code} ${loaded.error.detail}`;
};

test('a whole corpus is loaded with its columns', async () => {
  const loaded = await load(whole);
  expect(loaded.ok && loaded.value.tokens).toEqual(Uint16Array.of(1, 2, 9, 259, 9));
  expect(loaded.ok && loaded.value.starts).toEqual(Int32Array.of(0, 3, 5));
  expect(loaded.ok && loaded.value.heldOut).toEqual(Uint8Array.of(0, 1));
});

describe('what is wrong is told apart', () => {
  const changed = (change: Partial<CorpusManifest>) => ({
    ...whole,
    [MANIFEST_PATH]: JSON.stringify({ ...manifest, ...change }),
  });

  test('a file that is not there, or a page in its place', async () => {
    expect(await codeOf({})).toMatch(/^corpus-missing corpus\/manifest/);
    expect(await codeOf({ [MANIFEST_PATH]: whole[MANIFEST_PATH]! })).toMatch(/^corpus-missing corpus\/tokens/);
    expect(await codeOf({ ...whole, [MANIFEST_PATH]: '<!doctype html>' })).toMatch(/^corpus-missing/);
  });

  test('a changed token', async () => {
    expect(await codeOf({ ...whole, [TOKENS_PATH]: Uint8Array.of(1, 0, 3, 0, 9, 0, 3, 1, 9, 0) })).toMatch(
      /^corpus-damaged its hash/,
    );
  });

  test('a changed label', async () => {
    expect(await codeOf(changed({ documents: { ...documents, validation: [0] } }))).toMatch(/^corpus-damaged its hash/);
  });

  test('a short file, a strange id, another format, other columns, another tokenizer', async () => {
    expect(await codeOf({ ...whole, [TOKENS_PATH]: tokenFile.subarray(0, 8) })).toMatch(/^corpus-damaged .*length/);
    expect(await codeOf({ ...whole, [TOKENS_PATH]: Uint8Array.of(1, 0, 2, 0, 9, 0, 3, 9, 9, 0) })).toMatch(
      /^corpus-damaged .*vocabulary/,
    );
    expect(await codeOf(changed({ format: 2 as never }))).toMatch(/^corpus-damaged .*format/);
    expect(await codeOf(changed({ documents: { ...documents, bytes: [1] } }))).toMatch(/^corpus-damaged .*columns/);
    expect(await codeOf(changed({ info: { ...manifest.info, tokenizerSha256: 'x' } }))).toMatch(/^corpus-damaged .*tokenizer/);
  });

  test('cancelling', async () => {
    expect(await codeOf(whole, AbortSignal.abort())).toMatch(/^cancelled/);
  });
});
