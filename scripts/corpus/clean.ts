// Markup taken off, text left as it is.

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' };

export function decodeEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (hex) return String.fromCodePoint(parseInt(hex, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    return ENTITIES[name ?? ''] ?? whole;
  });
}

/** Readable text of an HTML document: blocks on their own lines, list items with a dash, headings with the signs of Markdown. */
export function htmlToText(html: string): string {
  const text = html
    .replace(/<(script|style|head)\b[\s\S]*?<\/\1>/gi, '')
    .replace(/<h([1-6])\b[^>]*>/gi, (_, level: string) => `\n\n${'#'.repeat(Number(level))} `)
    .replace(/<li\b[^>]*>/gi, '\n- ')
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(/<t[dh]\b[^>]*>/gi, ' | ')
    .replace(/<\/?(p|div|pre|blockquote|table|h[1-6]|header|section|article)\b[^>]*>/gi, '\n\n')
    .replace(/<\/?(ul|ol|tr)\b[^>]*>/gi, '\n')
    .replace(/<[^>]+>/g, '');
  // A list item that holds a paragraph keeps its dash beside it; numbered tags are left behind by a translation tool.
  return tidy(
    decodeEntities(text)
      .replace(/<\/?\d+>/g, '')
      .replace(/^- *\n\s*/gm, '- '),
  );
}

/** Markdown without front matter, pictures and comments; a link keeps its words. */
export function cleanMarkdown(markdown: string): string {
  return tidy(
    markdown
      .replace(/^---\n[\s\S]*?\n---\n/, '')
      .replace(/<!--[\s\S]*?-->/g, '')
      .replace(/\[!\[[^\]]*\]\([^)]*\)\]\([^)]*\)/g, '')
      .replace(/!\[[^\]]*\]\([^)]*\)/g, '')
      .replace(/<\/?[a-z][^>]*>/gi, '')
      .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1'),
  );
}

/** One kind of line end, no trailing blanks, no more than one empty line, composed characters. */
export function tidy(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[ \t\u00a0]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\ufeff/, '')
    .normalize('NFC')
    .trim();
}

/** Share of ideographs among the characters that are letters. */
export function ideographShare(text: string): number {
  const ideographs = text.match(/\p{Script=Han}/gu)?.length ?? 0;
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  return letters === 0 ? 0 : ideographs / letters;
}
