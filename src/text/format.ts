// Numbers as a person of each language writes them. Formatters are made once: making one costs more than using it.
import { LOCALE, type Language } from './language';

const formatters = new Map<string, Intl.NumberFormat>();

function formatter(language: Language, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = language + JSON.stringify(options);
  const known = formatters.get(key);
  if (known) return known;
  const made = new Intl.NumberFormat(LOCALE[language], options);
  formatters.set(key, made);
  return made;
}

/** A missing figure. */
export const NO_VALUE = '–';
const MINUS = '−';

function written(language: Language, value: number, options: Intl.NumberFormatOptions): string {
  if (Number.isNaN(value)) return NO_VALUE;
  return formatter(language, options).format(value).replace('-', MINUS);
}

/** A count or an integer: 1,234,567. */
export function formatInteger(language: Language, value: number): string {
  return written(language, value, { maximumFractionDigits: 0 });
}

/** With exactly `digits` decimals, so that columns of live figures do not jump. */
export function formatFixed(language: Language, value: number, digits: number): string {
  return written(language, value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** To `digits` significant digits; outside 1e-4 … 1e6 as a power of ten. */
export function formatSignificant(language: Language, value: number, digits = 3): string {
  const size = Math.abs(value);
  if (size !== 0 && Number.isFinite(size) && (size < 1e-4 || size >= 1e6)) {
    return value
      .toExponential(Math.max(0, digits - 1))
      .replace(/\.?0+e/, 'e')
      .replace('e+', 'e')
      .replace(/-/g, MINUS);
  }
  return written(language, value, { maximumSignificantDigits: digits });
}

/** With its sign always written: +0.3, −0.3, 0. */
export function formatSigned(language: Language, value: number, digits: number): string {
  return written(language, value, { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: 'exceptZero' });
}

/** A share of 0 to 1 as a percentage. */
export function formatPercent(language: Language, share: number, digits = 1): string {
  return written(language, share, { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** The smallest count each language writes in short. */
const SHORT_FROM: Readonly<Record<Language, number>> = { en: 1e3, zh: 1e4 };

/** A large count in short and always three digits, so that live figures do not jump: 1.00M, 1.36M, 136万. Smaller ones in full. */
export function formatCompact(language: Language, value: number): string {
  if (Math.abs(value) < SHORT_FROM[language]) return formatInteger(language, value);
  return written(language, value, { notation: 'compact', minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
}

/** Bytes in powers of 1024. */
export function formatBytes(language: Language, bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes > 0 ? Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10)) : 0;
  return `${written(language, bytes / 1024 ** power, { maximumSignificantDigits: 3 })} ${units[power]}`;
}

/** A moment as a date and a time of day. @param moment milliseconds since 1970 */
export function formatMoment(language: Language, moment: number): string {
  if (Number.isNaN(moment)) return NO_VALUE;
  return new Intl.DateTimeFormat(LOCALE[language], { dateStyle: 'medium', timeStyle: 'short' }).format(moment);
}

/** A span of milliseconds: 840 ms, 2.4 s, 3 min 20 s, 2 h 5 min. */
export function formatDuration(language: Language, milliseconds: number): string {
  if (Number.isNaN(milliseconds)) return NO_VALUE;
  if (milliseconds < 1000) return `${formatInteger(language, milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${formatFixed(language, seconds, 1)} s`;
  const [hour, minute, second] = language === 'zh' ? ['小时', '分', '秒'] : ['h', 'min', 's'];
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} ${minute} ${Math.floor(seconds % 60)} ${second}`;
  return `${Math.floor(minutes / 60)} ${hour} ${minutes % 60} ${minute}`;
}
