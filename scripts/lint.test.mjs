// Plants one violation of each rule of the house and expects the linter to name it: a rule that never fires protects nothing.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Rooms and what each may import (values); the table of docs/architecture.md. */
const plain = ['core', 'text', 'config', 'data', 'pipeline', 'analysis', 'checkpoint'];
const engine = ['kernels', 'model', 'training', 'inference', 'evaluation'];
const mayImport = {
  core: [],
  text: [],
  config: ['core', 'text'],
  data: ['config', 'core'],
  pipeline: ['config', 'core'],
  analysis: ['config', 'core'],
  checkpoint: ['config', 'core'],
  kernels: ['core'],
  model: ['kernels', 'config', 'core'],
  training: ['model', 'kernels', 'data', 'analysis', 'config', 'core'],
  inference: ['model', 'kernels', 'data', 'config', 'core'],
  evaluation: ['model', 'inference', 'training', 'analysis', 'data', 'config', 'core'],
  protocol: ['core'],
  worker: [...engine, ...plain, 'protocol'],
  headless: [...engine, ...plain, 'protocol', 'worker'],
  'data-worker': ['pipeline', 'data', 'config', 'core'],
  client: ['protocol', 'core'],
  stores: ['client', 'protocol', ...plain],
  components: ['config', 'text', 'core'],
  lessons: ['stores', 'components', ...plain],
  views: ['stores', 'components', 'lessons', ...plain],
  app: ['views', 'stores', 'components', ...plain],
};
const rooms = Object.keys(mayImport);

const files = new Map();
const expected = new Map();
/** A file of the planted project, and the rule it breaks (null: none). */
function plant(path, text, rule) {
  files.set(path, text);
  expected.set(path, rule);
}

for (const room of rooms) {
  plant(`src/${room}/thing.ts`, 'export const thing = 1;\n', null);
  for (const other of rooms.filter((name) => name !== room)) {
    const allowed = mayImport[room].includes(other);
    plant(
      `src/${room}/takes-${other}.ts`,
      `import { thing } from '../${other}/thing';\nexport const taken = thing;\n`,
      allowed ? null : 'no-restricted-imports',
    );
  }
  const tensors = "import * as tf from '@tensorflow/tfjs-core';\nexport const ready = tf.ready;\n";
  plant(`src/${room}/takes-tensors.ts`, tensors, room === 'kernels' ? null : 'no-restricted-imports');
}
for (const room of [...plain, ...engine, 'protocol', 'worker']) {
  plant(
    `src/${room}/takes-react.ts`,
    "import { useState } from 'react';\nexport const use = useState;\n",
    'no-restricted-imports',
  );
}
for (const room of [...plain, ...engine]) {
  plant(`src/${room}/draws.ts`, 'export const draw = () => Math.random();\n', 'no-restricted-properties');
  plant(`src/${room}/asks-the-time.ts`, 'export const time = () => Date.now();\n', 'no-restricted-properties');
}
plant(
  'src/views/train/takes-model.ts',
  "import { thing } from '../../model/thing';\nexport const taken = thing;\n",
  'no-restricted-imports',
);
plant('src/app/takes-a-type.ts', "import type { Thing } from '../protocol/type';\nexport type Taken = Thing;\n", null);
plant('src/protocol/type.ts', 'export type Thing = number;\n', null);
plant('src/core/ring-a.ts', "import { b } from './ring-b';\nexport const a = () => b;\n", 'no-cycle');
plant('src/core/ring-b.ts', "import { a } from './ring-a';\nexport const b = () => a;\n", 'no-cycle');
plant('src/core/floats.ts', 'const later = async () => 1;\nexport function go() {\n  later();\n}\n', 'no-floating-promises');
plant(
  'src/core/forgets.ts',
  "export function name(kind: 'a' | 'b') {\n  switch (kind) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n}\n",
  'switch-exhaustiveness-check',
);
plant('src/core/anything.ts', 'export const f = (x: any) => x;\n', 'no-explicit-any');
plant('src/core/ignores.ts', '// @ts-ignore\nexport const x: number = 1;\n', 'ban-ts-comment');
plant('src/core/long.ts', 'export const x = 1;\n' + 'export {};\n'.repeat(400), 'max-lines');

let folder;
let found;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lint-'));
  await cp(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  await cp(join(root, 'tsconfig.base.json'), join(folder, 'tsconfig.json'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const output = await new Promise((resolve) => {
    const options = { cwd: folder, maxBuffer: 1 << 28 };
    execFile(join(root, 'node_modules/.bin/oxlint'), ['--format', 'json', 'src'], options, (_, stdout) => resolve(stdout));
  });
  found = new Map();
  for (const { filename, code } of JSON.parse(output).diagnostics) {
    const rule = /\((.*)\)/.exec(code)?.[1] ?? code;
    found.set(filename, [...(found.get(filename) ?? []), rule]);
  }
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

test('every planted violation is named, and nothing that is allowed', () => {
  const wrong = [];
  for (const [path, rule] of expected) {
    const rules = found.get(path) ?? [];
    if (rule ? !rules.includes(rule) : rules.length > 0)
      wrong.push(`${path}: expected ${rule ?? 'nothing'}, found ${rules.join(', ') || 'nothing'}`);
  }
  expect(wrong).toEqual([]);
  expect([...expected.values()].filter((rule) => rule !== null).length).toBeGreaterThan(300);
});
