// Interventions as a short piece of a URL.
import { err, ok, type Result } from '../core/result';
import type { FieldError } from './fieldError';
import type { Intervention, InterventionKind } from './intervention';
import { parseInterventions } from './interventionCheck';
import type { ModelConfig } from './modelConfig';
import { briefValue } from './validate';

const MAX_LENGTH = 6000;
const CODES: Readonly<Record<InterventionKind, string>> = {
  mute: 'm',
  swap: 's',
  force: 'f',
  expertsPerToken: 'k',
  sharedOff: 'h',
  biasZero: 'z',
  biasSet: 'b',
  biasFrozen: 'c',
  draw: 'd',
  topMasked: 't',
};
/** What follows kind, layers and tokens. */
const ARGUMENTS: Readonly<Record<InterventionKind, number>> = {
  mute: 2,
  swap: 2,
  force: 1,
  expertsPerToken: 1,
  sharedOff: 0,
  biasZero: 0,
  biasSet: 2,
  biasFrozen: 1,
  draw: 2,
  topMasked: 0,
};
const KINDS: ReadonlyMap<string, InterventionKind> = new Map(
  (Object.entries(CODES) as [InterventionKind, string][]).map(([kind, code]) => [code, kind]),
);
const NUMBER_PATTERN = /^-?\d+(\.\d+)?(e-?\d+)?$/;

const join = (values: readonly number[]): string => values.map((value) => String(value).replace('+', '')).join('.');
/** Numbers with a point of their own are set apart by another sign. */
const joinReals = (values: readonly number[]): string => values.map((value) => String(value).replace('+', '')).join('!');

function argumentsOf(one: Intervention): string[] {
  switch (one.kind) {
    case 'mute':
      return [join(one.experts), one.mode];
    case 'swap':
      return [join([one.expert]), join([one.instead])];
    case 'force':
      return [join(one.experts)];
    case 'expertsPerToken':
      return [join([one.count])];
    case 'biasSet':
      return [join(one.experts), joinReals([one.value])];
    case 'biasFrozen':
      return [joinReals(one.values)];
    case 'draw':
      return [one.by, join([one.seed])];
    case 'sharedOff':
    case 'biasZero':
    case 'topMasked':
      return [];
  }
}

/** `kind_layers_tokens_argument…~…`, of URL characters that need no escape; '' for none. */
export function encodeInterventions(interventions: readonly Intervention[]): string {
  return interventions
    .map((one) => {
      const tokens = one.tokens ? join([one.tokens.from, one.tokens.to]) : '*';
      return [CODES[one.kind], one.layers ? join(one.layers) : '*', tokens, ...argumentsOf(one)].join('_');
    })
    .join('~');
}

const numbers = (text: string | undefined, separator: string): (number | string)[] =>
  (text ?? '').split(separator).map((part) => (NUMBER_PATTERN.test(part) ? Number(part) : part));
const single = (text: string | undefined): number | string | undefined => numbers(text, '!')[0];

function read(part: string): unknown {
  const [code, layers, tokens, ...given] = part.split('_');
  const [first, second] = given;
  const kind = KINDS.get(code ?? '');
  if (!kind || given.length !== ARGUMENTS[kind]) return { kind: part };
  const [from, to, ...rest] = numbers(tokens, '.');
  const place = {
    kind,
    layers: layers === '*' ? null : numbers(layers, '.'),
    tokens: tokens === '*' ? null : rest.length > 0 ? tokens : { from, to },
  };
  switch (kind) {
    case 'mute':
      return { ...place, experts: numbers(first, '.'), mode: second };
    case 'swap':
      return { ...place, expert: single(first), instead: single(second) };
    case 'force':
      return { ...place, experts: numbers(first, '.') };
    case 'expertsPerToken':
      return { ...place, count: single(first) };
    case 'biasSet':
      return { ...place, experts: numbers(first, '.'), value: single(second) };
    case 'biasFrozen':
      return { ...place, values: numbers(first, '!') };
    case 'draw':
      return { ...place, by: first, seed: single(second) };
    case 'sharedOff':
    case 'biasZero':
    case 'topMasked':
      return place;
  }
}

/** The interventions a link holds, if they fit `model`, or what is wrong with it. Never throws, whatever the text. */
export function decodeInterventions(link: string, model: ModelConfig): Result<Intervention[], FieldError[]> {
  if (link === '') return ok([]);
  if (link.length > MAX_LENGTH)
    return err([{ field: 'interventions', value: briefValue(link), rule: 'range', params: { min: 0, max: MAX_LENGTH } }]);
  return parseInterventions(link.split('~').map(read), model);
}
