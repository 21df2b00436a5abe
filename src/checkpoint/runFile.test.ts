import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { valueOf } from '../testing/fixtureModel';
import { decodeRunFile, encodeRunFile } from './runFile';
import type { SpecsOf } from './runParts';
import { decodeRunState, encodeRunState } from './runState';
import { readHeader } from './safetensorsHeader';

/** Of the golden file. */
const specs: SpecsOf = ({ hiddenSize }) => [
  { name: 'model.norm.weight', shape: [hiddenSize] },
  { name: 'lm_head.weight', shape: [2, hiddenSize] },
];
const golden = new Uint8Array(readFileSync(fileURLToPath(new URL('golden/run-state-v1.safetensors', import.meta.url))));
const state = valueOf(decodeRunState(golden, specs));

it('carries the checksums of its two halves, and is read as it was written', async () => {
  const file = await encodeRunFile(state, specs);
  expect(await decodeRunFile(file, specs)).toEqual({ ok: true, value: state });
  const { metadata, dataStart } = valueOf(readHeader(file));
  const sha256 = (half: string | Uint8Array): string => createHash('sha256').update(half).digest('hex');
  expect(metadata.get('switchyard.sha256')).toBe(
    `${sha256(metadata.get('switchyard.run-state')!)} ${sha256(file.subarray(dataStart))}`,
  );
});

it('reads the files of versions that wrote no checksums', async () => {
  expect(await decodeRunFile(golden, specs)).toEqual({ ok: true, value: state });
  expect(await decodeRunFile(encodeRunState(state, specs), specs)).toEqual({ ok: true, value: state });
});

it('gives out no other state, whichever byte of the file is changed', async () => {
  const file = await encodeRunFile(state, specs);
  const offences = new Map<string, number>();
  for (let at = 0; at < file.length; at++) {
    const read = await decodeRunFile(
      file.map((byte, index) => (index === at ? byte ^ 1 : byte)),
      specs,
    );
    const offence = read.ok ? 'none' : read.error.offence;
    offences.set(offence, (offences.get(offence) ?? 0) + 1);
    if (read.ok) expect(read.value).toEqual(state);
    else expect(read.error.detail).toMatch(/^.{1,300}$/su);
  }
  const data = file.length - valueOf(readHeader(file)).dataStart;
  expect(offences.get('checksum')).toBeGreaterThan(data);
  // The name of the checksums themselves, and nothing else.
  expect(offences.get('none')).toBeLessThanOrEqual('switchyard.sha256'.length);
});
