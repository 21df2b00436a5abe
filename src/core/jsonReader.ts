// Reads JSON a piece at a time, so that a hostile text is refused at its first offence. Stricter than JSON.parse: no key may come twice in
// one object, and an object read whole has no prototype, so that a key named __proto__ is a key like any other.

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** What is wrong, and at which character. */
export class JsonFault extends Error {
  readonly offence: 'syntax' | 'duplicate-key' | 'too-deep' | 'too-many';

  constructor(offence: JsonFault['offence'], detail: string) {
    super(detail);
    this.offence = offence;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const WORDS: ReadonlyMap<string, Json> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);
const DEEPEST = 64;
/** Items and members of a whole text. The header of the largest checkpoint that is read has 200,000. */
const MOST_ITEMS = 300_000;

/** Every method reads what it names from where the one before stopped, and throws a JsonFault where something else stands there. */
export class JsonReader {
  private readonly text: string;
  private at = 0;
  private depth = 0;
  private items = 0;
  private mostItems: number;

  /** @param mostItems items and members that the text may have in all */
  constructor(text: string, mostItems = MOST_ITEMS) {
    this.text = text;
    this.mostItems = mostItems;
  }

  /** Makes room for `items` more: what comes next may be long. */
  allow(items: number): void {
    this.mostItems += items;
  }

  /** Calls `member` at the value of each member, which has to read it. */
  object(member: (key: string) => void): void {
    const seen = new Set<string>();
    this.list('{', '}', () => {
      const key = this.string();
      if (seen.has(key)) throw new JsonFault('duplicate-key', `${shown(key)} comes twice`);
      seen.add(key);
      this.expect(':');
      member(key);
    });
  }

  /** Calls `item` at each item, which has to read it. */
  array(item: () => void): void {
    this.list('[', ']', item);
  }

  string(): string {
    if (this.next() !== '"') throw this.syntax('a text');
    const from = this.at;
    let isPlain = true;
    // A loop, because a search by pattern would need a stack as deep as the text is long.
    for (let at = from + 1; at < this.text.length; at++) {
      const code = this.text.charCodeAt(at);
      if (code === QUOTE) {
        this.at = at + 1;
        return isPlain ? this.text.slice(from + 1, at) : this.unescaped(from);
      }
      if (code < 0x20) break;
      if (code === BACKSLASH) {
        isPlain = false;
        at++;
      }
    }
    throw this.syntax('a text and its end');
  }

  number(): number {
    this.skipSpace();
    const count = this.plainCount();
    if (count >= 0) return count;
    const digits = this.match(NUMBER);
    if (digits === null) throw this.syntax('a number');
    return Number(digits);
  }

  /** Whatever comes next, whole. */
  value(): Json {
    switch (this.next()) {
      case '{': {
        const members = Object.create(null) as Record<string, Json>;
        this.object((key) => (members[key] = this.value()));
        return members;
      }
      case '[': {
        const items: Json[] = [];
        this.array(() => items.push(this.value()));
        return items;
      }
      case '"':
        return this.string();
      default: {
        const word = this.match(WORD);
        return word === null ? this.number() : WORDS.get(word)!;
      }
    }
  }

  /** The first character of what comes next; '' at the end. */
  next(): string {
    this.skipSpace();
    return this.text.charAt(this.at);
  }

  /** Throws unless nothing but space is left. */
  end(): void {
    this.skipSpace();
    if (this.at < this.text.length) throw this.syntax('the end');
  }

  /** A short whole number, without the cost of a pattern; −1, and nothing read, where something else stands here. */
  private plainCount(): number {
    let at = this.at;
    let count = 0;
    for (let code = this.text.charCodeAt(at); code >= 0x30 && code <= 0x39; code = this.text.charCodeAt(++at))
      count = count * 10 + code - 0x30;
    const length = at - this.at;
    const isWhole = !'.eE'.includes(this.text.charAt(at) || ' ');
    if (length === 0 || length > 15 || !isWhole || (length > 1 && this.text.charCodeAt(this.at) === 0x30)) return -1;
    this.at = at;
    return count;
  }

  private unescaped(from: number): string {
    try {
      return JSON.parse(this.text.slice(from, this.at)) as string;
    } catch {
      this.at = from;
      throw this.syntax('a text with valid escapes');
    }
  }

  private list(open: string, close: string, item: () => void): void {
    this.expect(open);
    if (++this.depth > DEEPEST) throw new JsonFault('too-deep', `more than ${DEEPEST} levels at character ${this.at}`);
    if (this.next() === close) this.at++;
    else
      for (;;) {
        if (++this.items > this.mostItems)
          throw new JsonFault('too-many', `more than ${this.mostItems} items at character ${this.at}`);
        item();
        const separator = this.next();
        this.at++;
        if (separator === close) break;
        if (separator !== ',') {
          this.at--;
          throw this.syntax(`, or ${close}`);
        }
      }
    this.depth--;
  }

  private expect(character: string): void {
    if (this.next() !== character) throw this.syntax(character);
    this.at++;
  }

  private skipSpace(): void {
    // Most of what is read has none: a look at one character is cheaper than a search.
    if (this.text.charCodeAt(this.at) > 0x20) return;
    SPACE.lastIndex = this.at;
    SPACE.test(this.text);
    this.at = SPACE.lastIndex;
  }

  private match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    if (!pattern.test(this.text)) return null;
    const from = this.at;
    this.at = pattern.lastIndex;
    return this.text.slice(from, this.at);
  }

  private syntax(expected: string): JsonFault {
    const found = this.at < this.text.length ? JSON.stringify(this.text.slice(this.at, this.at + 16)) : 'the end';
    return new JsonFault('syntax', `expected ${expected} at character ${this.at}, found ${found}`);
  }
}

/** A whole text. Throws a JsonFault. */
export function parseJson(text: string): Json {
  const reader = new JsonReader(text);
  const value = reader.value();
  reader.end();
  return value;
}

export const isJsonObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A text short enough to be shown: its beginning. */
export const clipped = (text: string): string => (text.length > 120 ? `${text.slice(0, 119)}…` : text);

/** A name short enough to be shown. */
export const shown = (name: string): string => JSON.stringify(clipped(name));
