// What the address bar holds: `#view`, or `#link` of the whole setup (config/link), either with `&lang=zh` behind it, and in the prompt lab
// with what is asked (config/labLink).
import { readLab, writeLab, type LabPlace } from '../config/labLink';
import { decodeLink, encodeLink } from '../config/link';
import { PRESETS, type PresetId } from '../config/presets';
import type { FieldError } from '../config/fieldError';
import type { RunConfig } from '../config/trainConfig';
import { LANGUAGES, type Language } from '../text/language';

export interface Setup {
  readonly config: RunConfig;
  readonly preset: PresetId;
}

export interface Place<ViewId extends string> {
  readonly view: ViewId;
  /** null: as it is. */
  readonly setup: Setup | null;
  /** null: as it is. */
  readonly language: Language | null;
  /** null: nothing of it stands there. */
  readonly lab: LabPlace | null;
  /** There was a link, and this is why it could not be read; empty: nothing is wrong. */
  readonly faults: readonly FieldError[];
}

/** What `hash` (with its #) says. Never throws; a view nobody knows becomes `views[0]`. */
export function readPlace<ViewId extends string>(hash: string, views: readonly [ViewId, ...ViewId[]]): Place<ViewId> {
  const [body = '', ...options] = hash.replace(/^#/, '').split('&');
  const wanted = options.find((option) => option.startsWith('lang='))?.slice('lang='.length);
  const language = LANGUAGES.find((known) => known === wanted) ?? null;
  const lab = readLab(options);
  const known = (name: string): ViewId => views.find((view) => view === name) ?? views[0];
  if (!body.includes('~')) return { view: known(body), setup: null, language, lab, faults: [] };
  const link = decodeLink(body);
  if (!link.ok) return { view: views[0], setup: null, language, lab: null, faults: link.error };
  const { view, config, preset } = link.value;
  return { view: known(view), setup: { config, preset }, language, lab, faults: [] };
}

/** The hash of a view, short where the setup is the default one. */
export function writePlace(view: string, { config, preset }: Setup, language?: Language, lab?: LabPlace): string {
  const plain = preset === 'default' && config === PRESETS.default;
  return `#${plain ? view : encodeLink({ config, view, preset })}${language ? `&lang=${language}` : ''}${lab ? writeLab(lab) : ''}`;
}
