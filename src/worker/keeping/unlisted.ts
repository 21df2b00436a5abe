// Kept moments whose list was damaged, or written by another version: each file says itself which moment it is.
import type { BlobStore } from '../../checkpoint/blobStore';
import type { Rung } from '../../checkpoint/ladder';
import type { RunHead } from '../../checkpoint/runParts';
import { decodeRunState } from '../../checkpoint/runState';
import { decodeSnapshot } from '../../checkpoint/snapshot';
import { sha256 } from '../../core/sha256';
import { parameterSpecs } from '../../model/parameters';
import type { AboutLadder } from './ladders';

interface Unlisted {
  readonly rung: Rung;
  readonly about: AboutLadder;
}

/** The whole moments of a run that are not among `named`, by file; one cut short is none. Rejects with StorageFailure. */
export async function unlisted(store: BlobStore, runId: string, named: ReadonlySet<string>): Promise<Unlisted[]> {
  const found: Unlisted[] = [];
  for (const name of await store.list()) {
    const kind = (['snapshot', 'checkpoint'] as const).find((one) => name.startsWith(`${runId}.${one}.`));
    if (!kind || named.has(name)) continue;
    const bytes = await store.read(name);
    const about = bytes && aboutMoment(bytes, kind);
    if (!bytes || !about || name !== `${runId}.${kind}.${about.step}`) continue;
    const { step, ...rest } = about;
    found.push({ rung: { step, kind, bytes: bytes.length, sha256: await sha256(bytes), isPinned: false }, about: rest });
  }
  return found;
}

function aboutMoment(bytes: Uint8Array, kind: Rung['kind']): (AboutLadder & { readonly step: number }) | null {
  if (kind === 'snapshot') {
    const snapshot = decodeSnapshot(bytes, parameterSpecs);
    // It does not say whether its run began at its seed; the next moment that is kept does.
    return snapshot.ok ? { ...headOf(snapshot.value), isFromSeed: false } : null;
  }
  const state = decodeRunState(bytes, parameterSpecs);
  return state.ok ? { ...headOf(state.value), isFromSeed: state.value.parent === undefined } : null;
}

const headOf = ({ config, identity, step }: RunHead) => ({ config, identity, step });
