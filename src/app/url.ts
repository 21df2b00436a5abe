// What the address bar holds: `#view`, or `#link` of the whole setup (config/link), either with `&lang=zh` behind it, and in the prompt lab
// with `&prompt=…`, `&changes=…` (config/interventionLink), `&model=…`, `&layer=…` and `&compare=…`.
import { decodeLink, encodeLink } from '../config/link';
import { PRESETS, type PresetId } from '../config/presets';
import type { RunConfig } from '../config/trainConfig';
import { LANGUAGES, type Language } from '../text/language';

export interface Setup {
  readonly config: RunConfig;
  readonly preset: PresetId;
}

/** What is asked in the prompt lab. */
export interface LabPlace {
  readonly text: string;
  /** A link of interventions: only the model they are for can say whether it is one. */
  readonly changes: string;
  /** Which model is asked (stores/models); left out: the one at hand. */
  readonly model?: string;
  /** MoE layer looked at, 0 the lowest. */
  readonly layer?: number;
  /** Both sides of a comparison (stores/compare). */
  readonly compare?: string;
}

export interface Place<ViewId extends string> {
  readonly view: ViewId;
  /** null: as it is. */
  readonly setup: Setup | null;
  /** null: as it is. */
  readonly language: Language | null;
  /** null: nothing of it stands there. */
  readonly lab: LabPlace | null;
  /** There was a link, and it could not be read. */
  readonly broken: boolean;
}

/** What `hash` (with its #) says. Never throws; a view nobody knows becomes `views[0]`. */
export function readPlace<ViewId extends string>(hash: string, views: readonly [ViewId, ...ViewId[]]): Place<ViewId> {
  const [body = '', ...options] = hash.replace(/^#/, '').split('&');
  const wanted = options.find((option) => option.startsWith('lang='))?.slice('lang='.length);
  const language = LANGUAGES.find((known) => known === wanted) ?? null;
  const lab = readLab(options);
  const known = (name: string): ViewId => views.find((view) => view === name) ?? views[0];
  if (!body.includes('~')) return { view: known(body), setup: null, language, lab, broken: false };
  const link = decodeLink(body);
  if (!link.ok) return { view: views[0], setup: null, language, lab: null, broken: true };
  const { view, config, preset } = link.value;
  return { view: known(view), setup: { config, preset }, language, lab, broken: false };
}

function readLab(options: readonly string[]): LabPlace | null {
  const valueOf = (name: string) => options.find((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);
  const [text, changes, model, layer, compare] = ['prompt', 'changes', 'model', 'layer', 'compare'].map(valueOf);
  if ([text, changes, model, layer, compare].every((value) => value === undefined)) return null;
  try {
    return {
      text: decodeURIComponent(text ?? ''),
      changes: changes ?? '',
      ...(model && { model: decodeURIComponent(model) }),
      ...(layer && /^\d{1,3}$/.test(layer) && { layer: Number(layer) }),
      ...(compare && { compare }),
    };
  } catch {
    return null; // a broken escape: as if it were not there
  }
}

/** The hash of a view, short where the setup is the default one. */
export function writePlace(view: string, { config, preset }: Setup, language?: Language, lab?: LabPlace): string {
  const plain = preset === 'default' && config === PRESETS.default;
  return `#${plain ? view : encodeLink({ config, view, preset })}${language ? `&lang=${language}` : ''}${lab ? writeLab(lab) : ''}`;
}

/** A prompt longer than this would make an address that some places cut. */
const LONGEST_PROMPT = 1000;
const LONGEST_COMPARISON = 4000;

function writeLab({ text, changes, model, layer, compare }: LabPlace): string {
  // Half a surrogate pair has no escape.
  const prompt = text.length <= LONGEST_PROMPT ? encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')) : '';
  const parts = [
    prompt && `prompt=${prompt}`,
    changes && `changes=${changes}`,
    model && `model=${encodeURIComponent(model)}`,
    layer && `layer=${layer}`,
    compare && compare.length <= LONGEST_COMPARISON && `compare=${compare}`,
  ];
  return parts.map((part) => (part ? `&${part}` : '')).join('');
}
