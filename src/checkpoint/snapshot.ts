// A model at one moment of its run, to look at: weights and balance biases, without what training on would need. Weights may be rounded to
// bfloat16, half their size; the biases, which decide between nearly equal scores, stay whole.
import type { ModelConfig } from '../config/modelConfig';
import { ok, type Result } from '../core/result';
import {
  biasSpecs,
  parseHead,
  readGroups,
  readJsonPart,
  readRunHeader,
  wrong,
  type Group,
  type RunHead,
  type RunStateError,
  type SpecsOf,
} from './runParts';
import { writeSafetensors, type SafeTensor } from './safetensors';

export interface Snapshot extends RunHead {
  /** One a parameter, in the order of the specs. */
  readonly parameters: readonly Float32Array[];
  /** [E] for each MoE layer. */
  readonly biases: readonly Float32Array[];
}

export const SNAPSHOT_VERSION = 1;
const KEY = 'switchyard.snapshot';

/** How a snapshot's weights are stored. */
export const SNAPSHOT_TYPES = ['BF16', 'F32'] as const;
export type SnapshotType = (typeof SNAPSHOT_TYPES)[number];

const groupsOf = (model: ModelConfig, specsOf: SpecsOf, stored: SnapshotType): Group<'parameters' | 'biases'>[] => [
  { key: 'parameters', specs: specsOf(model), ...(stored === 'BF16' ? { stored } : {}) },
  { key: 'biases', specs: biasSpecs(model) },
];

/** Throws if a tensor does not fill the shape its config gives it. */
export function encodeSnapshot(snapshot: Snapshot, specsOf: SpecsOf, type: SnapshotType = 'BF16'): Uint8Array<ArrayBuffer> {
  const { runId, config, identity, step } = snapshot;
  const tensors = new Map<string, SafeTensor>();
  for (const { key, specs, stored } of groupsOf(config.model, specsOf, type))
    for (const [index, { name, shape }] of specs.entries())
      tensors.set(name, { shape, values: snapshot[key][index]!, ...(stored ? { stored } : {}) });
  return writeSafetensors(
    tensors,
    new Map([[KEY, JSON.stringify({ version: SNAPSHOT_VERSION, runId, config, identity, step, type })]]),
  );
}

/** A whole snapshot, or the first thing that is wrong with the file. */
export function decodeSnapshot(bytes: Uint8Array, specsOf: SpecsOf): Result<Snapshot, RunStateError> {
  const header = readRunHeader(bytes);
  if (!header.ok) return header;
  const json = readJsonPart(header.value, KEY, SNAPSHOT_VERSION);
  if (!json.ok) return json;
  const head = parseHead(json.value);
  if (!head.ok) return head;
  // Files of before there was a choice do not say.
  const type = json.value['type'] ?? 'BF16';
  if (type !== 'BF16' && type !== 'F32') return wrong('type', SNAPSHOT_TYPES.join(' or '));
  const tensors = readGroups(bytes, header.value, groupsOf(head.value.config.model, specsOf, type));
  return tensors.ok ? ok({ ...head.value, ...tensors.value }) : tensors;
}
