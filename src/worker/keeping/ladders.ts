// The kept moments of the runs: a file each, written once, and a list of them for each run in two slots. A file counts once the list
// names it, and goes after the list has let go of it, so that a crash leaves at most a file that nobody names.
import type { BlobStore } from '../../checkpoint/blobStore';
import { thinned, type Rung } from '../../checkpoint/ladder';
import type { RunHead } from '../../checkpoint/runParts';
import { commit, newestCommit } from '../../checkpoint/slots';
import { sha256 } from '../../core/sha256';
import { err, ok, type Result } from '../../core/result';
import type { EngineError } from '../../protocol/errors';
import { unlisted } from './unlisted';
import type { StateWritten } from './vault';

const VERSION = 1;
/** Share of a run's room that its snapshots have; checkpoints, which are several times their size, have the rest. */
const SNAPSHOT_SHARE = 1 / 3;

/** Whose moments they are: the first of all, step 0 of a run without parent, needs no file, because it is drawn from the seed. */
export interface Ladder extends Pick<RunHead, 'config' | 'identity'> {
  readonly isFromSeed: boolean;
  /** In ascending order of steps. */
  readonly rungs: readonly Rung[];
}

/** All that is said of them but which there are. */
export type AboutLadder = Omit<Ladder, 'rungs'>;

const listName = (runId: string): string => `${runId}.ladder`;
const fileName = (runId: string, { kind, step }: Pick<Rung, 'kind' | 'step'>): string => `${runId}.${kind}.${step}`;
const inOrder = (rungs: readonly Rung[]): Rung[] =>
  [...rungs].sort((one, other) => one.step - other.step || one.kind.localeCompare(other.kind));
const isSame = (one: Pick<Rung, 'kind' | 'step'>, other: Pick<Rung, 'kind' | 'step'>): boolean =>
  one.kind === other.kind && one.step === other.step;

/** null: another version wrote it. */
function parsed(bytes: Uint8Array): Ladder | null {
  const { version, ...ladder } = JSON.parse(new TextDecoder().decode(bytes)) as Ladder & { version: number };
  return version === VERSION ? ladder : null;
}

/** Bytes that a moment of `kind` may have in a run's room. */
export function roomFor(kind: Rung['kind'], budget: number): number {
  return budget * (kind === 'snapshot' ? SNAPSHOT_SHARE : 1 - SNAPSHOT_SHARE);
}

export class Ladders {
  private readonly store: BlobStore;
  private readonly onWritten: StateWritten | undefined;

  constructor(store: BlobStore, onWritten?: StateWritten) {
    this.store = store;
    this.onWritten = onWritten;
  }

  /** null: nothing is kept of the run but its state. What a damaged list named is looked for in the files. Rejects with StorageFailure. */
  async read(runId: string): Promise<Ladder | null> {
    const found = await newestCommit(this.store, listName(runId));
    if (found.ok && !found.value) return null;
    const listed = found.ok && found.value ? parsed(found.value.bytes) : null;
    if (listed && found.ok && !found.value?.passedOver) return listed;
    const more = await unlisted(this.store, runId, new Set(listed?.rungs.map((rung) => fileName(runId, rung))));
    const about = listed ?? more.find(({ rung }) => rung.kind === 'checkpoint')?.about ?? more[0]?.about;
    return about ? { ...about, rungs: inOrder([...(listed?.rungs ?? []), ...more.map(({ rung }) => rung)]) } : null;
  }

  /**
   * Adds a moment, or puts it in place of the one of its step; later ones go, and others give way to it. Rejects with StorageFailure.
   * @param budget bytes that all moments of the run may take @returns the moments kept now
   */
  async add(
    runId: string,
    about: AboutLadder,
    { bytes, ...moment }: Omit<Rung, 'bytes' | 'sha256'> & { readonly bytes: Uint8Array<ArrayBuffer> },
    budget: number,
  ): Promise<readonly Rung[]> {
    // Later ones were kept of a run that died before it was kept itself, and went on from an earlier step.
    const before = ((await this.read(runId))?.rungs ?? []).filter(({ step }) => step <= moment.step);
    const rung: Rung = { ...moment, bytes: bytes.length, sha256: await sha256(bytes) };
    await this.store.write(fileName(runId, rung), bytes);
    this.onWritten?.(rung.step);
    const all = inOrder([...before.filter((other) => !isSame(other, rung)), rung]);
    const kept = (['snapshot', 'checkpoint'] as const).flatMap((kind) =>
      thinned(
        all.filter((one) => one.kind === kind),
        roomFor(kind, budget),
      ),
    );
    return this.replace(runId, { ...about, rungs: inOrder(kept) });
  }

  /** Lets go of the moments after `step`. Rejects with StorageFailure. */
  async cut(runId: string, step: number): Promise<void> {
    const ladder = await this.read(runId);
    const rungs = ladder?.rungs.filter((rung) => rung.step <= step) ?? [];
    if (ladder && rungs.length < ladder.rungs.length) await this.replace(runId, { ...ladder, rungs });
  }

  /** The file of a moment, as it was written. */
  async file(runId: string, rung: Rung): Promise<Result<Uint8Array, EngineError>> {
    const name = fileName(runId, rung);
    const bytes = await this.store.read(name);
    if (bytes?.length !== rung.bytes || (await sha256(bytes)) !== rung.sha256)
      return err({ code: 'storage-damaged', detail: `${name} is not the ${rung.bytes} bytes that were kept` });
    return ok(bytes);
  }

  private async replace(runId: string, ladder: Ladder): Promise<readonly Rung[]> {
    const list = listName(runId);
    const found = await newestCommit(this.store, list);
    const place = found.ok ? found.value : null;
    await commit(this.store, list, new TextEncoder().encode(JSON.stringify({ version: VERSION, ...ladder })), place);
    const named = new Set(ladder.rungs.map((rung) => fileName(runId, rung)));
    const files = [`${runId}.snapshot.`, `${runId}.checkpoint.`];
    for (const name of await this.store.list())
      if (files.some((start) => name.startsWith(start)) && !named.has(name)) await this.store.remove(name);
    return ladder.rungs;
  }
}
