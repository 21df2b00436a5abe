// Everything a run is, as one safetensors file whose metadata holds the rest as JSON. Text order and chance are functions of
// (seed, stream, step), so the step is their whole state. Decoding is all or nothing.
import type { ModelConfig } from '../config/modelConfig';
import type { LoggedChange } from '../config/trainConfig';
import { parseLiveChange } from '../config/validate';
import { ok, type Result } from '../core/result';
import {
  biasSpecs,
  isCount,
  isRecord,
  parseHead,
  parseParent,
  readGroups,
  readJsonPart,
  readRunHeader,
  wrong,
  type Group,
  type RunHead,
  type RunParent,
  type RunStateError,
  type SpecsOf,
} from './runParts';
import { writeSafetensors, type SafeTensor } from './safetensors';

export type { RunIdentity, RunParent, RunStateError } from './runParts';

export interface RunState extends RunHead {
  /** Live changes that hold already, in order: none stamped later than `step`. */
  readonly changes: readonly LoggedChange[];
  /** Live changes that are still to come at their steps, in order: none stamped earlier than `step`. */
  readonly upcoming: readonly LoggedChange[];
  /** Where the run's recorded history stands; what lies beyond was recorded later. Its unit is the recorder's (headless: bytes). */
  readonly historyPosition: number;
  /** Left out: it began at its seed. */
  readonly parent?: RunParent;
  /** One a parameter, in the order of the specs. */
  readonly parameters: readonly Float32Array[];
  readonly firstMoments: readonly Float32Array[];
  readonly secondMoments: readonly Float32Array[];
  /** [E] for each MoE layer. */
  readonly biases: readonly Float32Array[];
}

export const RUN_STATE_VERSION = 1;
/** Of the metadata that holds all but the tensors. */
export const RUN_STATE_KEY = 'switchyard.run-state';
type Tensors = 'parameters' | 'firstMoments' | 'secondMoments' | 'biases';

/**
 * The tensors of a file, in order. Parameters keep their published names; moments stand under a prefix. From values that are no finite
 * numbers no step could be taken; a second moment beyond the largest number only stills its weight.
 */
function groupsOf(model: ModelConfig, specsOf: SpecsOf): Group<Tensors>[] {
  const specs = specsOf(model);
  const under = (prefix: string) => specs.map(({ name, shape }) => ({ name: `${prefix}${name}`, shape }));
  return [
    { key: 'parameters', specs, holds: 'finite' },
    { key: 'firstMoments', specs: under('first_moment.'), holds: 'finite' },
    { key: 'secondMoments', specs: under('second_moment.'), holds: 'numbers' },
    { key: 'biases', specs: biasSpecs(model), holds: 'finite' },
  ];
}

/** Throws if a tensor does not fill the shape its config gives it. @param more metadata that stands besides */
export function encodeRunState(
  state: RunState,
  specsOf: SpecsOf,
  more: ReadonlyMap<string, string> = new Map(),
): Uint8Array<ArrayBuffer> {
  const { runId, config, identity, step, changes, upcoming, historyPosition, parent } = state;
  const json = { version: RUN_STATE_VERSION, runId, config, identity, step, changes, upcoming, historyPosition, parent };
  const tensors = new Map<string, SafeTensor>();
  for (const { key, specs } of groupsOf(config.model, specsOf))
    for (const [index, { name, shape }] of specs.entries()) tensors.set(name, { shape, values: state[key][index]! });
  return writeSafetensors(tensors, new Map([[RUN_STATE_KEY, JSON.stringify(json)], ...more]));
}

/** A whole run state, or the first thing that is wrong with the file. */
export function decodeRunState(bytes: Uint8Array, specsOf: SpecsOf): Result<RunState, RunStateError> {
  const header = readRunHeader(bytes);
  if (!header.ok) return header;
  const json = readJsonPart(header.value, RUN_STATE_KEY, RUN_STATE_VERSION);
  if (!json.ok) return json;
  const parts = parseParts(json.value);
  if (!parts.ok) return parts;
  const tensors = readGroups(bytes, header.value, groupsOf(parts.value.config.model, specsOf));
  return tensors.ok ? ok({ ...parts.value, ...tensors.value }) : tensors;
}

function parseParts(json: Readonly<Record<string, unknown>>): Result<Omit<RunState, Tensors>, RunStateError> {
  const head = parseHead(json);
  if (!head.ok) return head;
  const { step } = head.value;
  const { historyPosition } = json;
  if (!isCount(historyPosition)) return wrong('historyPosition', 'a count');
  const changes = parseLog('changes', json['changes'], 0, step);
  if (!changes.ok) return changes;
  const upcoming = parseLog('upcoming', json['upcoming'], step, Number.MAX_SAFE_INTEGER);
  if (!upcoming.ok) return upcoming;
  const parent = parseParent(json['parent']);
  if (!parent.ok) return parent;
  const log = { changes: changes.value, upcoming: upcoming.value };
  return ok({ ...head.value, ...log, historyPosition, ...(parent.value && { parent: parent.value }) });
}

/** Changes stamped `from` … `to`, none earlier than the one before it. */
function parseLog(field: string, value: unknown, from: number, to: number): Result<LoggedChange[], RunStateError> {
  if (!Array.isArray(value)) return wrong(field, 'a list');
  const log: LoggedChange[] = [];
  for (const [index, entry] of (value as readonly unknown[]).entries()) {
    const { step, change } = isRecord(entry) ? entry : {};
    const earliest = log.at(-1)?.step ?? from;
    if (!isCount(step) || step < earliest || step > to)
      return wrong(`${field}[${index}].step`, `a step from ${earliest} to ${to}`);
    const parsed = parseLiveChange(change);
    if (!parsed.ok) return wrong(`${field}[${index}].change`, `a change: ${parsed.error.map((error) => error.field).join(', ')}`);
    log.push({ step, change: parsed.value });
  }
  return ok(log);
}
