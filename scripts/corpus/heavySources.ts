// The texts of the downloaded packages: Chinese poems, classical prose, lives of poets, recipes.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { cleanMarkdown, tidy } from './clean';
import { downloadFolder } from './downloads';
import type { RawDocument, SourceSpec } from './types';

const LEAST_CHARACTERS = 20;
/** Lost characters, editors' brackets and signs that a font lacks: such poems are damaged. */
const DAMAGED = /[□■●○〓�{}[\]]|\p{Co}/u;

type Json = null | string | number | boolean | readonly Json[] | { readonly [key: string]: Json };

const isRecord = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: Json | undefined): value is string => typeof value === 'string' && value.trim() !== '';
const texts = (value: Json | undefined): readonly string[] =>
  Array.isArray(value) ? (value as readonly Json[]).filter(isText) : isText(value) ? [value] : [];

/**
 * Every node of the tree that has lines of its own becomes one text: its heading, its author, its lines. The collections name these
 * fields differently; a node whose `content` holds further nodes is a volume, not a text.
 */
function collect(value: Json, out: string[]): void {
  if (Array.isArray(value)) (value as readonly Json[]).forEach((item) => collect(item, out));
  if (!isRecord(value)) return;
  const lines = [value['paragraphs'], value['para'], value['content'], value['comment']].flatMap(texts);
  if (lines.length > 0) {
    const heading = [value['title'], value['chapter'], value['rhythmic']].find(isText);
    out.push([heading, value['author'], ...lines].filter(isText).join('\n'));
  }
  for (const key of ['content', 'paragraphs'])
    if (Array.isArray(value[key])) (value[key] as readonly Json[]).filter(isRecord).forEach((item) => collect(item, out));
}

function files(root: string, folder: string, wanted: RegExp): string[] {
  const names = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
    name.split(path.sep).join('/'),
  );
  return names
    .filter((name) => wanted.test(name))
    .sort(new Intl.Collator('en', { numeric: true }).compare)
    .map((name) => path.join(root, folder, name));
}

const documentsOf = (found: readonly string[]): RawDocument[] =>
  found
    .map(tidy)
    .filter((text) => text.length >= LEAST_CHARACTERS && !DAMAGED.test(text))
    .map((text) => ({ text, parallelKey: null }));

/** Texts of the collection's files; `folder` within the package, `wanted` on the names in it. */
function collection(folders: readonly (readonly [folder: string, wanted: RegExp])[]): RawDocument[] | null {
  const root = downloadFolder('chinese-poetry');
  if (!root) return null;
  const found: string[] = [];
  for (const [folder, wanted] of folders)
    for (const file of files(root, `dist/${folder}`, wanted)) collect(JSON.parse(readFileSync(file, 'utf8')) as Json, found);
  return documentsOf(found);
}

function lives(file: string, field: string): RawDocument[] | null {
  const root = downloadFolder('chinese-poetry');
  if (!root) return null;
  const people = JSON.parse(readFileSync(path.join(root, 'dist', file), 'utf8')) as readonly Record<string, Json>[];
  return documentsOf(
    people.flatMap((person) => (isText(person[field]) && isText(person['name']) ? [`${person['name']}\n${person[field]}`] : [])),
  );
}

/** The same closing request stands under every recipe. */
const CLOSING_REQUEST = /^如果您遵循本指南.*$/gm;

function recipes(folder: string): RawDocument[] | null {
  const root = downloadFolder('how-to-cook');
  if (!root) return null;
  return files(root, folder, /\.md$/).map((file) => ({
    text: tidy(
      cleanMarkdown(readFileSync(file, 'utf8'))
        .replace(CLOSING_REQUEST, '')
        .replace(/#+ 附加内容\s*$/, ''),
    ),
    parallelKey: null,
  }));
}

const poetry = (id: string, title: string, domain: string, read: SourceSpec['read']): SourceSpec => ({
  id,
  title,
  packages: ['chinese-poetry'],
  licence: 'MIT',
  domain,
  language: 'zh',
  parallel: null,
  read,
});

const cooking = (id: string, title: string, folder: string): SourceSpec => ({
  id,
  title,
  packages: ['how-to-cook'],
  licence: 'Unlicense',
  domain: 'how-to',
  language: 'zh',
  parallel: null,
  read: () => recipes(folder),
});

const ANY = /\.json$/;
const POEMS_OF_THE_PRIMER = /(tangshisanbaishou|qianjiashi|baijiaxing|sanzijing-new)\.json$/;
const isPrimer = new RegExp(`^(?!.*${POEMS_OF_THE_PRIMER.source}).*${ANY.source}`);

export const HEAVY_SOURCES: readonly SourceSpec[] = [
  poetry('tang-poems', 'Poems of the Tang (traditional characters)', 'poetry', () =>
    collection([['quantangshi', /^poet\.tang\..*json$/]]),
  ),
  poetry('song-lyrics', 'Ci lyrics of the Song', 'poetry', () => collection([['songci', /^ci\.song\..*json$/]])),
  poetry('yuan-songs', 'Qu songs and arias of the Yuan', 'poetry', () => collection([['yuanqu', ANY]])),
  poetry('early-verse', 'Classic of Poetry, Songs of Chu, Cao Cao, lyrics of the Five Dynasties, Nalan Xingde', 'poetry', () =>
    collection([
      ['shijing', ANY],
      ['chuci', ANY],
      ['caocaoshiji', ANY],
      ['wudaishici', /(juan|poetrys)\.json$/],
      ['nalanxingde', ANY],
    ]),
  ),
  poetry('classics', 'Analects, Mencius, Great Learning, Doctrine of the Mean', 'classical', () =>
    collection([
      ['lunyu', ANY],
      ['sishuwujing', ANY],
    ]),
  ),
  poetry('essays-and-primers', 'Guwen Guanzhi essays, children’s primers, Dream Shadows', 'classical', () =>
    collection([
      ['mengxue', isPrimer],
      ['youmengying', ANY],
    ]),
  ),
  poetry('lives-tang', 'Lives of Tang poets', 'classical', () => lives('quantangshi/authors.tang.json', 'desc')),
  poetry('lives-song', 'Lives of Song lyricists', 'classical', () => lives('songci/author.song.json', 'description')),
  cooking('recipes', 'Recipes for cooking at home', 'dishes'),
  cooking('kitchen-lessons', 'Lessons in the kitchen', 'tips'),
];
