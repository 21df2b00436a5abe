import { describe, expect, test } from 'vitest';
import { selectDocuments } from './select';

const source = (id, language, domain, texts, parallel = null) => ({
  spec: { id, title: id, packages: [], licence: 'MIT', domain, language, parallel, read: () => null },
  documents: texts.map((text, index) => ({ text, parallelKey: parallel && `${parallel} ${index}` })),
});
const many = (count, length, name) => Array.from({ length: count }, (_, i) => `${name} ${i} `.padEnd(length, 'x'));
const bytes = (documents) => documents.reduce((sum, document) => sum + document.bytes, 0);
const sources = [
  source('poems', 'zh', 'poetry', many(300, 200, 'poem')),
  source('manual-zh', 'zh', 'manual', many(40, 500, 'zh page'), 'manual'),
  source('manual-en', 'en', 'manual', many(40, 600, 'en page'), 'manual'),
  source('speeches', 'en', 'speech', many(200, 1000, 'speech')),
  source('tale', 'en', 'fiction', many(20, 700, 'tale')),
];
const selected = selectDocuments(sources);
const of = (id) => selected.find(({ spec }) => spec.id === id).documents;

describe('the selection', () => {
  test('has as much Chinese as English, to a document', () => {
    const zh = bytes([...of('poems'), ...of('manual-zh')]);
    const en = bytes([...of('manual-en'), ...of('speeches'), ...of('tale')]);
    expect(Math.abs(zh - en)).toBeLessThan(1000);
  });

  test('cuts only the largest sources', () => {
    expect(of('tale')).toHaveLength(20);
    expect(of('speeches').length).toBeLessThan(200);
  });

  test('does not depend on the order of the sources', () => {
    const texts = (result) =>
      result.flatMap(({ documents }) => documents.map(({ text, heldOut }) => `${heldOut} ${text}`)).sort();
    expect(texts(selectDocuments([...sources].reverse()))).toEqual(texts(selected));
  });

  test('holds out some of every domain and language, and never much', () => {
    for (const { documents } of selected) {
      const share = bytes(documents.filter(({ heldOut }) => heldOut)) / bytes(documents);
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThan(0.3);
    }
  });

  test('puts a text and its translation on the same side', () => {
    const heldOut = (id) =>
      of(id)
        .filter((document) => document.heldOut)
        .map(({ text }) => Number(/\d+/.exec(text)[0]));
    const english = heldOut('manual-en');
    for (const page of heldOut('manual-zh')) expect(english).toContain(page);
  });

  test('keeps a text once, whatever its spaces and punctuation', () => {
    const [only] = selectDocuments([
      source('a', 'zh', 'd', ['一二三，四', '一二三四。', '五六']),
      source('b', 'en', 'd', ['one two', 'Three']),
    ]);
    expect(only.documents.map(({ text }) => text)).not.toContain('一二三四。');
  });
});
