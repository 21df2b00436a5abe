// A run's record as JSON Lines: what a step, a validation told. What lies beyond the saved state is cut off before a run goes on.
import { open, type FileHandle } from 'node:fs/promises';

export class HistoryFile {
  private readonly file: FileHandle;
  private end: number;

  private constructor(file: FileHandle, end: number) {
    this.file = file;
    this.end = end;
  }

  /** Opens or makes the file and cuts it at `position` bytes; a file shorter than that goes on at its end. */
  static async open(path: string, position: number): Promise<HistoryFile> {
    const file = await open(path, 'a+');
    const end = Math.min(position, (await file.stat()).size);
    await file.truncate(end);
    return new HistoryFile(file, end);
  }

  /** Bytes written so far. */
  get position(): number {
    return this.end;
  }

  async append(line: object): Promise<void> {
    const text = `${JSON.stringify(line)}\n`;
    await this.file.appendFile(text);
    this.end += Buffer.byteLength(text);
  }

  /** When it resolves, everything up to `position` would survive a crash. */
  async sync(): Promise<void> {
    await this.file.datasync();
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}
