import { describe, expect, test } from 'vitest';
import { cleanMarkdown, htmlToText, ideographShare } from './clean';

describe('HTML', () => {
  test('becomes text with headings, dashes and characters', () => {
    const html =
      '<h2 id="x">Tracks &amp; levers</h2>\n<p>Pull <code>left</code>,&nbsp;then &#x8f66;.</p><ul>\n<li>\n<p>one</p></li><li>two</li></ul>';
    expect(htmlToText(html)).toBe('## Tracks & levers\n\nPull left, then 车.\n\n- one\n\n- two');
  });

  test('loses scripts, head and the tags a translation tool left', () => {
    expect(htmlToText('<head><title>t</title></head><script>x()</script><p>轨道&lt;/0&gt;。</p>')).toBe('轨道。');
  });
});

describe('Markdown', () => {
  test('loses front matter, pictures and comments; a link keeps its words', () => {
    const markdown =
      '---\ntitle: a\n---\n# A\n\n![picture](a.png)\n<!-- note -->\nSee [the yard](b.md), [![badge](c)](d) <b>now</b>.';
    expect(cleanMarkdown(markdown)).toBe('# A\n\nSee the yard,  now.');
  });
});

test('the share of ideographs is of letters only', () => {
  expect(ideographShare('车ab 12！')).toBeCloseTo(1 / 3);
  expect(ideographShare('123')).toBe(0);
});
