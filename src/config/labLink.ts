// What is asked in the prompt lab, as options of an address: `&prompt=…&after=…&changes=…&write=…&model=…&layer=…&token=…&compare=…`.

/** How a text is written on from a prompt. */
export interface WritingSettings {
  /** At most. */
  readonly tokens: number;
  /** 0 takes the likeliest. */
  readonly temperature: number;
  /** 0: all tokens can come. */
  readonly topK: number;
  /** 1: all tokens can come. */
  readonly topP: number;
  /** 1: none. */
  readonly repetitionPenalty: number;
  readonly seed: number;
}

export const WRITING: WritingSettings = { tokens: 40, temperature: 0.8, topK: 0, topP: 1, repetitionPenalty: 1, seed: 1 };

export interface LabPlace {
  readonly text: string;
  /** A link of interventions: only the model they are for can say whether it is one. */
  readonly changes: string;
  /** Token ids after the text. */
  readonly continuation: readonly number[];
  readonly writing: WritingSettings;
  /** Its name among the models of the page; '': the run where there is one, else the page's own. */
  readonly model: string;
  /** Counted among the MoE layers. */
  readonly layer: number;
  /** Position held; null: none. */
  readonly token: number | null;
  /** Both sides of a comparison, as the page names them; '': none. */
  readonly compare: string;
}

export const LAB_PLACE: LabPlace = {
  text: '',
  changes: '',
  continuation: [],
  writing: WRITING,
  model: '',
  layer: 0,
  token: null,
  compare: '',
};

const ORDER: readonly (keyof WritingSettings)[] = ['tokens', 'temperature', 'topK', 'topP', 'repetitionPenalty', 'seed'];
/** A prompt longer than this would make an address that some places cut. */
const LONGEST_PROMPT = 1000;
const LONGEST_COMPARISON = 4000;
const NAMES = ['prompt', 'after', 'changes', 'write', 'model', 'layer', 'token', 'compare'] as const;
const MOST_IDS = 512;
const MAX_INTEGER = 1_000_000;

const integers = (text: string): number[] | null => {
  if (text === '') return [];
  const values = text.split('.').map((part) => (/^\d{1,7}$/.test(part) ? Number(part) : NaN));
  return values.length <= MOST_IDS && values.every((value) => value <= MAX_INTEGER) ? values : null;
};

function writingOf(text: string | undefined): WritingSettings {
  const values = (text ?? '').split('_').map((part) => (/^\d+(\.\d+)?$/.test(part) ? Number(part) : NaN));
  if (values.length !== ORDER.length || values.some(Number.isNaN)) return WRITING;
  const [tokens, temperature, topK, topP, repetitionPenalty, seed] = values as [number, number, number, number, number, number];
  return { tokens, temperature, topK, topP, repetitionPenalty, seed };
}

/** What `options` (each `name=value`) say of the lab; null where they say nothing, or nothing that can be read. Never throws. */
export function readLab(options: readonly string[]): LabPlace | null {
  const valueOf = (name: (typeof NAMES)[number]) =>
    options.find((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);
  if (NAMES.every((name) => valueOf(name) === undefined)) return null;
  const continuation = integers(valueOf('after') ?? '');
  const [layer] = integers(valueOf('layer') ?? '') ?? [];
  const [token] = integers(valueOf('token') ?? '') ?? [];
  if (!continuation) return null;
  try {
    return {
      text: decodeURIComponent(valueOf('prompt') ?? ''),
      changes: valueOf('changes') ?? '',
      continuation,
      writing: writingOf(valueOf('write')),
      model: decodeURIComponent(valueOf('model') ?? ''),
      layer: layer ?? 0,
      token: token ?? null,
      compare: valueOf('compare') ?? '',
    };
  } catch {
    return null; // a broken escape: as if it were not there
  }
}

/** The options, each with its &; what is as usual is left out. */
export function writeLab({ text, changes, continuation, writing, model, layer, token, compare }: LabPlace): string {
  // Half a surrogate pair has no escape.
  const prompt = text.length <= LONGEST_PROMPT ? encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')) : '';
  const isUsual = ORDER.every((key) => writing[key] === WRITING[key]);
  const options: readonly (readonly [string, string])[] = [
    ['prompt', prompt],
    // Without its text, what follows it means nothing.
    ['after', prompt ? continuation.slice(0, MOST_IDS).join('.') : ''],
    ['changes', changes],
    ['write', isUsual ? '' : ORDER.map((key) => writing[key]).join('_')],
    ['model', encodeURIComponent(model)],
    ['layer', layer > 0 ? String(layer) : ''],
    ['token', token === null ? '' : String(token)],
    ['compare', compare.length <= LONGEST_COMPARISON ? compare : ''],
  ];
  return options
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `&${name}=${value}`)
    .join('');
}
