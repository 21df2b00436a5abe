// A shelf: the snapshots of one run, from its first step to its last, and what was measured of each. Its manifest names the files.
import type { RunConfig } from '../config/trainConfig';
import { parseRunConfig } from '../config/validate';
import { err, ok, type Result } from '../core/result';

export interface ShelfLoss {
  readonly domain: string;
  readonly language: 'zh' | 'en' | 'none';
  /** Held-out tokens it was measured on. */
  readonly tokens: number;
  /** Cross entropy per token, nats. */
  readonly nats: number;
}

export interface ShelfSnapshot {
  readonly step: number;
  /** Beside the manifest. */
  readonly file: string;
  readonly bytes: number;
  /** Of the file, hexadecimal. */
  readonly sha256: string;
  /** Of all held-out text. */
  readonly nats: number;
  readonly domains: readonly ShelfLoss[];
  /** MaxVio_global of each MoE layer; empty in a dense model. */
  readonly maxVioGlobal: readonly number[];
}

/** Nats of the reference lines, on the same held-out text; see data/ngrams. */
export interface ShelfBaselines {
  readonly uniform: number;
  readonly unigram: number;
  readonly bigram: number;
}

export interface ShelfManifest {
  readonly runId: string;
  /** Two words a person can remember. */
  readonly name: string;
  readonly config: RunConfig;
  readonly baselines: ShelfBaselines;
  /** Earliest first; at least one. */
  readonly snapshots: readonly ShelfSnapshot[];
}

export const SHELF_VERSION = 1;
export const SHELF_MANIFEST = 'manifest.json';

export const manifestJson = (manifest: ShelfManifest): object => ({ version: SHELF_VERSION, ...manifest });

type Fields = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= 200;
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

function isLoss(value: unknown): value is ShelfLoss {
  if (!isRecord(value)) return false;
  const { domain, language, tokens, nats } = value;
  return isText(domain) && (language === 'zh' || language === 'en' || language === 'none') && isCount(tokens) && isNumber(nats);
}

function isSnapshot(value: unknown): value is ShelfSnapshot {
  if (!isRecord(value)) return false;
  const { step, file, bytes, sha256, nats, domains, maxVioGlobal } = value;
  return (
    isCount(step) &&
    // A name and no path: it is joined to the shelf's own folder.
    isText(file) &&
    /^[\w-]+\.safetensors$/.test(file) &&
    isCount(bytes) &&
    isText(sha256) &&
    isNumber(nats) &&
    Array.isArray(domains) &&
    domains.every(isLoss) &&
    Array.isArray(maxVioGlobal) &&
    maxVioGlobal.every(isNumber)
  );
}

/** A whole manifest, or in words what is wrong with it. */
export function parseShelfManifest(json: unknown): Result<ShelfManifest, string> {
  if (!isRecord(json)) return err('it is no object');
  const { version, runId, name, baselines, snapshots } = json;
  if (version !== SHELF_VERSION) return err(`version ${JSON.stringify(version)}; this build reads ${SHELF_VERSION}`);
  if (!isText(runId) || !isText(name)) return err('runId or name is no short text');
  const { uniform, unigram, bigram } = isRecord(baselines) ? baselines : {};
  if (!isNumber(uniform) || !isNumber(unigram) || !isNumber(bigram)) return err('baselines are not three numbers');
  if (!Array.isArray(snapshots) || snapshots.length === 0) return err('snapshots is no list, or empty');
  const wrong = snapshots.findIndex((one) => !isSnapshot(one));
  if (wrong >= 0) return err(`snapshots[${wrong}] is malformed`);
  const entries = snapshots as ShelfSnapshot[];
  if (entries.some(({ step }, index) => index > 0 && step <= entries[index - 1]!.step)) return err('snapshots are out of order');
  const config = parseRunConfig(json['config']);
  if (!config.ok) return err(`config: ${config.error.map(({ field }) => field).join(', ')}`);
  return ok({ runId, name, config: config.value, baselines: { uniform, unigram, bigram }, snapshots: entries });
}
