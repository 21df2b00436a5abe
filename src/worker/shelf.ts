// The model that comes with the page: snapshots of one run, read when somebody asks, one of them on the device at a time.
import { parseShelfManifest, SHELF_MANIFEST, type ShelfManifest } from '../checkpoint/shelf';
import { decodeSnapshot, type Snapshot } from '../checkpoint/snapshot';
import type { RunConfig } from '../config/trainConfig';
import { err, ok, type Result } from '../core/result';
import { DEFAULT_TOKENIZER_SHA256 } from '../data/default/defaultTokenizer';
import type { LiveModel } from '../model/liveModel';
import { parameterSpecs } from '../model/parameters';
import type { EngineError } from '../protocol/errors';
import { onDevice, type OnDevice } from './deviceModel';
import type { Platform } from './platform';

/** Under the public folder. */
const FOLDER = 'model';

export interface OpenedSnapshot {
  readonly runId: string;
  readonly step: number;
  readonly config: RunConfig;
  readonly model: LiveModel;
  /** False once another one was opened in its place. */
  isThere(): boolean;
}

const unavailable = (detail: string): Result<never, EngineError> => err({ code: 'model-unavailable', detail });

export class Shelf {
  private readonly readAsset: Platform['readAsset'];
  private told: ShelfManifest | null = null;
  private opened: (OpenedSnapshot & OnDevice) | null = null;

  constructor(readAsset: Platform['readAsset']) {
    this.readAsset = readAsset;
  }

  async manifest(signal?: AbortSignal): Promise<Result<ShelfManifest, EngineError>> {
    if (this.told) return ok(this.told);
    const path = `${FOLDER}/${SHELF_MANIFEST}`;
    let json: unknown;
    try {
      json = JSON.parse(new TextDecoder().decode(await this.readAsset(path, signal)));
    } catch (thrown) {
      return signal?.aborted ? err({ code: 'cancelled' }) : unavailable(`${path}: ${String(thrown)}`);
    }
    const manifest = parseShelfManifest(json);
    if (!manifest.ok) return unavailable(`${path}: ${manifest.error}`);
    this.told = manifest.value;
    return ok(manifest.value);
  }

  /** The snapshot of `step` as plain numbers. */
  async read(step: number, signal?: AbortSignal): Promise<Result<Snapshot, EngineError>> {
    const manifest = await this.manifest(signal);
    if (!manifest.ok) return manifest;
    const entry = manifest.value.snapshots.find((one) => one.step === step);
    if (!entry) return unavailable(`step ${step}; there are ${manifest.value.snapshots.map((one) => one.step).join(', ')}`);
    let bytes: Uint8Array;
    try {
      bytes = await this.readAsset(`${FOLDER}/${entry.file}`, signal);
    } catch (thrown) {
      return signal?.aborted ? err({ code: 'cancelled' }) : unavailable(`${entry.file}: ${String(thrown)}`);
    }
    const snapshot = decodeSnapshot(bytes, parameterSpecs);
    if (!snapshot.ok) return unavailable(`${entry.file}: ${snapshot.error.offence}, ${snapshot.error.detail}`);
    if (snapshot.value.identity.tokenizer !== DEFAULT_TOKENIZER_SHA256)
      return unavailable(`${entry.file}: it was made with another tokenizer`);
    return snapshot;
  }

  /** The snapshot of `step` on the current backend, until another one is opened or `close` is called. */
  async open(step: number, signal?: AbortSignal): Promise<Result<OpenedSnapshot, EngineError>> {
    if (this.opened?.step === step) return ok(this.opened);
    const snapshot = await this.read(step, signal);
    if (!snapshot.ok) return snapshot;
    // Somebody else may have asked for it meanwhile, and be using it.
    if (this.opened?.step === step) return ok(this.opened);
    this.close();
    const { runId, config } = snapshot.value;
    const opened = { runId, step, config, ...onDevice(snapshot.value), isThere: () => this.opened === opened };
    this.opened = opened;
    return ok(opened);
  }

  /** Frees what is open. */
  close(): void {
    this.opened?.free();
    this.opened = null;
  }

  /** Its tensors are gone already, with their device. */
  forget(): void {
    this.opened = null;
  }
}
