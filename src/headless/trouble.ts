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
