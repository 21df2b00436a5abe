// The prompts that come with the page.
import { expect, test } from 'vitest';
import { createDefaultTokenizer } from '../default/defaultTokenizer';
import { LIBRARY_DOMAINS, LIBRARY_LANGUAGES, PROMPT_LIBRARY } from './promptLibrary';

/** Of the smallest preset: 48 with the end token. */
const SMALLEST_CONTEXT = 47;

test('each domain has five prompts or more in each language, all of them different', () => {
  const all = LIBRARY_DOMAINS.flatMap((domain) =>
    LIBRARY_LANGUAGES.flatMap((language) => PROMPT_LIBRARY[domain].map((one) => one[language])),
  );
  for (const domain of LIBRARY_DOMAINS) expect(PROMPT_LIBRARY[domain].length).toBeGreaterThanOrEqual(5);
  expect(new Set(all).size).toBe(all.length);
  expect(all.every((text) => text.trim() === text && text.length > 0)).toBe(true);
});

test('each prompt fits the smallest context', () => {
  const tokenizer = createDefaultTokenizer();
  const tooLong = LIBRARY_DOMAINS.flatMap((domain) =>
    PROMPT_LIBRARY[domain].flatMap((prompt) =>
      LIBRARY_LANGUAGES.map((language) => [tokenizer.encode(prompt[language]).length, prompt[language]] as const),
    ),
  ).filter(([tokens]) => tokens > SMALLEST_CONTEXT);
  expect(tooLong).toEqual([]);
});

test('a Chinese prompt has Chinese characters, an English one none', () => {
  for (const domain of LIBRARY_DOMAINS)
    for (const { en, zh } of PROMPT_LIBRARY[domain]) {
      expect(zh).toMatch(/\p{Script=Han}/u);
      expect(en).not.toMatch(/\p{Script=Han}/u);
    }
});
