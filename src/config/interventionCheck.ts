// Turns what a person, a link or a file gave into interventions that fit a model, or into what is wrong with them. Nothing here throws.
import { err, ok, type Result } from '../core/result';
import type { FieldError } from './fieldError';
import { concernsLayer, concernsToken, expertsPerTokenAt, type Intervention, type InterventionKind } from './intervention';
import { moeLayerCount, type ModelConfig } from './modelConfig';
import { briefValue } from './validate';

export const MAX_INTERVENTIONS = 32;
const MAX_POSITION = 1_000_000;
const MAX_BIAS = 100;

type Given = Readonly<Record<string, unknown>>;
type Check = (value: unknown, field: string) => FieldError | null;

const error = (field: string, value: unknown, rule: FieldError['rule'], params: FieldError['params'] = {}): FieldError => ({
  field,
  value: briefValue(value),
  rule,
  params,
});

const number =
  (min: number, max: number): Check =>
  (value, field) => {
    if (typeof value !== 'number' || Number.isNaN(value)) return error(field, value, 'type', { expected: 'number' });
    return value < min || value > max ? error(field, value, 'range', { min, max }) : null;
  };
const integer =
  (min: number, max: number): Check =>
  (value, field) =>
    number(min, max)(value, field) ?? (Number.isInteger(value) ? null : error(field, value, 'integer'));
const oneOf =
  (...options: string[]): Check =>
  (value, field) =>
    options.includes(value as string) ? null : error(field, value, 'oneOf', { options: options.join(', ') });

/** A list of at least one, and of different ones where `isSet`. */
const list =
  (item: Check, maxItems: number, isSet: boolean): Check =>
  (value, field) => {
    if (!Array.isArray(value)) return error(field, value, 'type', { expected: 'list' });
    const items = value as readonly unknown[];
    if (items.length < 1 || items.length > maxItems) return error(field, items.length, 'range', { min: 1, max: maxItems });
    if (isSet && new Set(items).size < items.length) return error(field, items.join(', ').slice(0, 64), 'repeated');
    for (const entry of items) {
      const broken = item(entry, field);
      if (broken) return broken;
    }
    return null;
  };

function checksFor(model: ModelConfig): Readonly<Record<InterventionKind, Readonly<Record<string, Check>>>> {
  const E = model.nRoutedExperts;
  const expert = integer(0, E - 1);
  const experts = list(expert, E, true);
  return {
    mute: { experts, mode: oneOf('zero', 'reroute') },
    swap: { expert, instead: expert },
    force: { experts },
    expertsPerToken: { count: integer(1, reachOf(model)) },
    sharedOff: {},
    biasZero: {},
    biasSet: { experts, value: number(-MAX_BIAS, MAX_BIAS) },
    biasFrozen: {
      values: (value, field) =>
        list(number(-MAX_BIAS, MAX_BIAS), E, false)(value, field) ??
        ((value as unknown[]).length === E ? null : error(field, (value as unknown[]).length, 'range', { min: E, max: E })),
    },
    draw: { by: oneOf('random', 'hash'), seed: integer(0, 0xffffffff) },
    topMasked: {},
  };
}

/** Experts a token can choose among: those of the groups that are kept. */
function reachOf({ nRoutedExperts, nGroup, topkGroup }: ModelConfig): number {
  return (nRoutedExperts / nGroup) * topkGroup;
}

const isRecord = (value: unknown): value is Given => typeof value === 'object' && value !== null && !Array.isArray(value);

function checkPlace({ layers, tokens }: Given, model: ModelConfig, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (layers !== null) {
    const L = moeLayerCount(model);
    const broken = list(integer(0, L - 1), L, true)(layers, `${path}.layers`);
    if (broken) errors.push(broken);
  }
  if (tokens === null) return errors;
  if (!isRecord(tokens)) return [...errors, error(`${path}.tokens`, tokens, 'type', { expected: 'range' })];
  const broken =
    integer(0, MAX_POSITION - 1)(tokens.from, `${path}.tokens.from`) ??
    integer((tokens.from as number) + 1, MAX_POSITION)(tokens.to, `${path}.tokens.to`);
  return broken ? [...errors, broken] : errors;
}

function parseOne(given: unknown, model: ModelConfig, path: string): Result<Intervention, FieldError[]> {
  if (!isRecord(given)) return err([error(path, given, 'type', { expected: 'object' })]);
  const checks = checksFor(model);
  const kinds = Object.keys(checks);
  if (typeof given.kind !== 'string' || !kinds.includes(given.kind))
    return err([error(`${path}.kind`, given.kind, 'oneOf', { options: kinds.join(', ') })]);
  const mine = checks[given.kind as InterventionKind];
  const errors = checkPlace(given, model, path);
  const parsed: Record<string, unknown> = { kind: given.kind, layers: given.layers, tokens: given.tokens };
  for (const [key, check] of Object.entries(mine)) {
    const broken = check(given[key], `${path}.${key}`);
    if (broken) errors.push(broken);
    parsed[key] = given[key];
  }
  const unknown = Object.keys(given).find((key) => !(key in parsed));
  if (unknown !== undefined) errors.push(error(`${path}.${String(briefValue(unknown))}`, given[unknown], 'unknown'));
  // Each key of the kind was there and of its type.
  const intervention = parsed as unknown as Intervention;
  if (errors.length === 0) errors.push(...checkOne(intervention, path));
  return errors.length > 0 ? err(errors) : ok(intervention);
}

function checkOne(intervention: Intervention, path: string): FieldError[] {
  if (intervention.kind === 'biasFrozen' && intervention.layers?.length !== 1)
    return [error(`${path}.layers`, intervention.layers?.length ?? null, 'range', { min: 1, max: 1 })];
  if (intervention.kind === 'swap' && intervention.expert === intervention.instead)
    return [error(`${path}.instead`, intervention.instead, 'repeated')];
  return [];
}

/** Places where the set of interventions that count may change: a rule that holds at each of them holds everywhere. */
function turningPoints(interventions: readonly Intervention[]): number[] {
  return [0, ...new Set(interventions.flatMap(({ tokens }) => (tokens ? [tokens.from, tokens.to] : [])))];
}

/** At every layer and position: enough experts are left to choose K, and no more than K are forced. */
function checkTogether(interventions: readonly Intervention[], model: ModelConfig): FieldError[] {
  for (let layer = 0; layer < moeLayerCount(model); layer++) {
    for (const position of turningPoints(interventions)) {
      const here = interventions.filter((one) => concernsLayer(one, layer) && concernsToken(one, position));
      const K = expertsPerTokenAt(here, model.numExpertsPerTok, layer, position);
      const forced = new Set(here.flatMap((one) => (one.kind === 'force' ? one.experts : [])));
      const away = new Set(here.flatMap((one) => (one.kind === 'mute' && one.mode === 'reroute' ? one.experts : [])));
      const both = [...forced].find((expert) => away.has(expert));
      if (both !== undefined) return [error('interventions.force', both, 'repeated')];
      if (forced.size > K)
        return [error('interventions.force', forced.size, 'atMost', { other: K, otherField: 'model.numExpertsPerTok' })];
      const groups = new Set([...forced].map((expert) => Math.floor((expert * model.nGroup) / model.nRoutedExperts)));
      if (groups.size > model.topkGroup)
        return [error('interventions.force', groups.size, 'atMost', { other: model.topkGroup, otherField: 'model.topkGroup' })];
      const left = reachOf(model) - away.size - (here.some(({ kind }) => kind === 'topMasked') ? 1 : 0);
      if (left < K)
        return [error('interventions.mute', left, 'atLeast', { min: K, other: K, otherField: 'model.numExpertsPerTok' })];
    }
  }
  return [];
}

/** Interventions that can be applied to `model`, newly made, or what is wrong: each of them first, then all together. */
export function parseInterventions(given: unknown, model: ModelConfig): Result<Intervention[], FieldError[]> {
  if (!Array.isArray(given)) return err([error('interventions', given, 'type', { expected: 'list' })]);
  if (given.length > MAX_INTERVENTIONS)
    return err([error('interventions', given.length, 'range', { min: 0, max: MAX_INTERVENTIONS })]);
  if (given.length > 0 && moeLayerCount(model) === 0) return err([error('interventions', given.length, 'needsExperts')]);
  const errors: FieldError[] = [];
  const interventions: Intervention[] = [];
  for (const [index, entry] of given.entries()) {
    const parsed = parseOne(entry, model, `interventions.${index}`);
    if (parsed.ok) interventions.push(parsed.value);
    else errors.push(...parsed.error);
  }
  if (errors.length === 0) errors.push(...checkTogether(interventions, model));
  return errors.length > 0 ? err(errors) : ok(interventions);
}
