// A run state as a file that goes its own ways, over other disks: it carries the checksums that a folder keeps beside its files.
import { clipped } from '../core/jsonReader';
import { err, type Result } from '../core/result';
import { sha256 } from '../core/sha256';
import { readRunHeader, type RunStateError, type SpecsOf } from './runParts';
import { decodeRunState, encodeRunState, RUN_STATE_KEY, type RunState } from './runState';

/** In the metadata: SHA-256 of the text that says which run it is, and of the bytes of all tensors, hexadecimal, a space between. */
const CHECKSUMS = 'switchyard.sha256';

/** Throws if a tensor does not fill the shape its config gives it. */
export async function encodeRunFile(state: RunState, specsOf: SpecsOf): Promise<Uint8Array<ArrayBuffer>> {
  const { found } = await checksums(encodeRunState(state, specsOf));
  return encodeRunState(state, specsOf, new Map([[CHECKSUMS, found]]));
}

/** A whole run state, or the first thing that is wrong with the file. A file from before there were checksums is held against none. */
export async function decodeRunFile(bytes: Uint8Array, specsOf: SpecsOf): Promise<Result<RunState, RunStateError>> {
  const state = decodeRunState(bytes, specsOf);
  if (!state.ok) return state;
  const { found, said } = await checksums(bytes);
  if (said === undefined || said === found) return state;
  return err({ offence: 'checksum', detail: `its bytes have ${brief(found)}, and it was written with ${brief(said)}` });
}

/** Of a file whose header can be read: what its bytes give, and what it says of them. */
async function checksums(bytes: Uint8Array): Promise<{ readonly found: string; readonly said: string | undefined }> {
  const header = readRunHeader(bytes);
  if (!header.ok) throw new Error(header.error.detail);
  const { metadata, dataStart } = header.value;
  const text = new TextEncoder().encode(metadata.get(RUN_STATE_KEY) ?? '');
  const found = `${await sha256(text)} ${await sha256(bytes.subarray(dataStart))}`;
  return { found, said: metadata.get(CHECKSUMS) };
}

const brief = (sums: string): string =>
  clipped(sums)
    .split(' ')
    .map((sum) => `${sum.slice(0, 12)}…`)
    .join(' ');
