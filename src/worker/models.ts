// The models that questions can be about: the run, its kept moments, the page's own, one that was taken in. Of each kind one is on the
// device at a time.
import type { Snapshot } from '../checkpoint/snapshot';
import { err, ok, type Result } from '../core/result';
import { DEFAULT_TOKENIZER_SHA256 } from '../data/default/defaultTokenizer';
import type { EngineError } from '../protocol/errors';
import type { KeptModel, ModelRef, RunMoment } from '../protocol/modelRef';
import { onDevice, type OnDevice } from './deviceModel';
import { Imports } from './exchange/imports';
import type { Archive } from './keeping/archive';
import { readMoment, type LiveLadder } from './keeping/momentFile';
import { subjectOf, subjectOfSnapshot, type Subject } from './lab/subject';
import type { LiveRun } from './liveRun';
import type { Platform } from './platform';
import type { Questions } from './questions';
import { Shelf, type OpenedSnapshot } from './shelf';

interface ModelsParts {
  readonly platform: Platform;
  readonly archive: Archive;
  readonly questions: Questions;
  readonly run: () => LiveRun | null;
  readonly live: () => LiveLadder | null;
  /** A backend runs. */
  readonly isReady: () => boolean;
}

export class Models {
  readonly shelf: Shelf;
  readonly imports = new Imports();
  private readonly parts: ModelsParts;
  private moment: (OpenedSnapshot & OnDevice) | null = null;

  constructor(parts: ModelsParts) {
    this.parts = parts;
    this.shelf = new Shelf((path, signal) => parts.platform.readAsset(path, signal));
  }

  /** The model named, ready to be asked. */
  async subject(model: ModelRef, signal: AbortSignal): Promise<Result<Subject, EngineError>> {
    const { run, isReady, questions, platform } = this.parts;
    if (model.kind === 'live') {
      const live = run();
      return live ? ok(subjectOf(live)) : err({ code: 'no-run' });
    }
    if (!isReady()) return err({ code: 'backend-unavailable', detail: 'no backend was started' });
    if (model.kind === 'imported') return this.imports.open(model.id, { questions, breathe: () => platform.breathe() });
    const opened = model.kind === 'shipped' ? await this.shelf.open(model.step, signal) : await this.openMoment(model);
    return opened.ok ? ok(subjectOfSnapshot(opened.value, questions, platform)) : opened;
  }

  /** A kept moment, or a snapshot of the page's own model, as plain numbers. */
  weights(model: KeptModel, signal: AbortSignal): Promise<Result<Snapshot, EngineError>> {
    return model.kind === 'shipped' ? this.shelf.read(model.step, signal) : this.readMoment(model);
  }

  /** Frees what is on the device, except the run. */
  close(): void {
    this.shelf.close();
    this.imports.close();
    this.closeMoment();
  }

  /** Their tensors are gone already, with their device. */
  forget(): void {
    this.shelf.forget();
    this.imports.forget();
    this.moment = null;
  }

  /** A run that is made anew may come to the same step by another way. */
  closeMoment(): void {
    this.moment?.free();
    this.moment = null;
  }

  private async readMoment({ runId, step }: RunMoment): Promise<Result<Snapshot, EngineError>> {
    const { archive, live } = this.parts;
    const read = await readMoment(archive, runId, step, live());
    if (!read.ok || read.value.identity.tokenizer === DEFAULT_TOKENIZER_SHA256) return read;
    return err({ code: 'model-unavailable', detail: 'it was made with another tokenizer' });
  }

  private async openMoment({ runId, step }: RunMoment): Promise<Result<OpenedSnapshot, EngineError>> {
    const isOpen = (): boolean => this.moment?.runId === runId && this.moment.step === step;
    if (isOpen()) return ok(this.moment!);
    const read = await this.readMoment({ kind: 'checkpoint', runId, step });
    if (!read.ok) return read;
    // Somebody else may have asked for it meanwhile, and be using it.
    if (isOpen()) return ok(this.moment!);
    this.closeMoment();
    const { config } = read.value;
    const opened = { runId, step, config, ...onDevice(read.value), isThere: () => this.moment === opened };
    this.moment = opened;
    return ok(opened);
  }
}
