// All messages of the page, one catalogue a language; each area keeps its own file and this joins them.
import { about as enAbout } from './en/about';
import { app as enApp } from './en/app';
import { compare as enCompare } from './en/compare';
import { components as enComponents } from './en/components';
import { diagnostics as enDiagnostics } from './en/diagnostics';
import { errors as enErrors } from './en/errors';
import { exchange as enExchange } from './en/exchange';
import { fields as enFields } from './en/fields';
import { kept as enKept } from './en/kept';
import { lab as enLab } from './en/lab';
import { lookBack as enLookBack } from './en/lookBack';
import { presets as enPresets } from './en/presets';
import { shelf as enShelf } from './en/shelf';
import { timeline as enTimeline } from './en/timeline';
import { train as enTrain } from './en/train';
import type { Language } from './language';
import { about as zhAbout } from './zh/about';
import { app as zhApp } from './zh/app';
import { compare as zhCompare } from './zh/compare';
import { components as zhComponents } from './zh/components';
import { diagnostics as zhDiagnostics } from './zh/diagnostics';
import { errors as zhErrors } from './zh/errors';
import { exchange as zhExchange } from './zh/exchange';
import { fields as zhFields } from './zh/fields';
import { kept as zhKept } from './zh/kept';
import { lab as zhLab } from './zh/lab';
import { lookBack as zhLookBack } from './zh/lookBack';
import { presets as zhPresets } from './zh/presets';
import { shelf as zhShelf } from './zh/shelf';
import { timeline as zhTimeline } from './zh/timeline';
import { train as zhTrain } from './zh/train';

const en = {
  ...enDiagnostics,
  ...enApp,
  ...enComponents,
  ...enTrain,
  ...enKept,
  ...enTimeline,
  ...enLookBack,
  ...enExchange,
  ...enLab,
  ...enCompare,
  ...enFields,
  ...enErrors,
  ...enPresets,
  ...enShelf,
  ...enAbout,
};
const zh = {
  ...zhDiagnostics,
  ...zhApp,
  ...zhComponents,
  ...zhTrain,
  ...zhKept,
  ...zhTimeline,
  ...zhLookBack,
  ...zhExchange,
  ...zhLab,
  ...zhCompare,
  ...zhFields,
  ...zhErrors,
  ...zhPresets,
  ...zhShelf,
  ...zhAbout,
};

export type TextKey = keyof typeof en;

export const CATALOGUES: Readonly<Record<Language, Readonly<Record<TextKey, string>>>> = { en, zh };

/** `key` names a message: for keys composed at run time from ids, e.g. `field.${path}.label`. */
export function isTextKey(key: string): key is TextKey {
  return Object.hasOwn(en, key);
}
