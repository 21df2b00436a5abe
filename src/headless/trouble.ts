// What keeps a command from doing its work, in one sentence for the person who typed it.

/** 1: it could not be done. 2: an argument is wrong. */
export type TroubleCode = 1 | 2;

export class Trouble extends Error {
  readonly exitCode: TroubleCode;

  constructor(message: string, exitCode: TroubleCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What the system says of a file it could not read or write, by its code. */
const OF_FILES: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there any more; look whether another program removes files there',
  EEXIST: 'it is a file, where a folder has to be; name another folder',
  ENOTDIR: 'a part of this path is a file, where a folder has to be; name another path',
  EISDIR: 'it is a folder, where a file has to be; name another path, or move the folder away',
  EACCES: 'this user may not do that; change the permissions, or name another path',
  EPERM: 'this user may not do that; change the permissions, or name another path',
  EROFS: 'nothing can be written there; name a path on another disk',
  ENOSPC: 'the disk is full; make room and begin again: what was saved before is whole',
  EDQUOT: 'the disk quota is used up; make room and begin again: what was saved before is whole',
  ENAMETOOLONG: 'the name is too long; name a shorter one',
};

/** The system's name of what went wrong, such as ENOENT; null where it was not the system. */
export const codeOf = (thrown: unknown): string | null =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;

interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly path?: string;
  readonly dest?: string;
}

const isSystemError = (thrown: unknown): thrown is SystemError => codeOf(thrown) !== null && 'syscall' in (thrown as Error);

/** What was thrown, where it lies with the person's disk or machine; null: it is a mistake of ours. */
export function troubleOf(thrown: unknown): Trouble | null {
  if (thrown instanceof Trouble) return thrown;
  // How JavaScript and our wasm heap say that an allocation failed.
  if (thrown instanceof RangeError)
    return new Trouble(
      `The memory does not suffice (${thrown.message}). A smaller model, train.batchSize or train.sequenceLength needs less, ` +
        'and so do more train.shards and fewer --workers.',
    );
  if (!isSystemError(thrown)) return null;
  const { code, syscall, path, dest } = thrown;
  const advice = OF_FILES[code] ?? 'look whether the disk is well, or name another path';
  return new Trouble(`${dest ?? path ?? syscall}: ${advice} (${code}, ${syscall}).`);
}
