// The page with only the text that comes with the program, as where the download of the rest did not succeed.
import { createHash } from 'node:crypto';
import { hashedBytes, MANIFEST_PATH, TOKENS_PATH, type CorpusManifest } from '../src/data/corpus';
import { expect, test } from './test';
import { open, settings, TINY, trainOne } from './trainPage';

const NOTE = 'Only the text that comes with the program is here.';

/** The packages whose texts are fetched apart. */
const FETCHED = /chinese-poetry|how-to-cook/;

/** A corpus without the fetched sources, hashed anew; one that never had them comes out as it went in. */
function withoutFetched({ format, info, documents }: CorpusManifest, tokenFile: Buffer): { manifest: string; tokens: Buffer } {
  const stays = documents.source.map((source) => !FETCHED.test(info.sources[source]!.origin));
  const kept = <T>(column: readonly T[]): T[] => column.filter((_, document) => stays[document]);
  const places = documents.source.flatMap((_, document) => (stays[document] ? [document] : []));
  const held = new Set(documents.validation);
  const columns = {
    source: kept(documents.source),
    tokens: kept(documents.tokens),
    bytes: kept(documents.bytes),
    characters: kept(documents.characters),
    validation: places.flatMap((document, place) => (held.has(document) ? [place] : [])),
  };
  let at = 0;
  const parts = documents.tokens.map((count) => tokenFile.subarray(at, (at += 2 * count)));
  const tokens = Buffer.concat(kept(parts));
  const sha256 = createHash('sha256').update(hashedBytes(tokens, columns)).digest('hex');
  const domains = [...new Set(columns.source.map((source) => info.sources[source]!.domain))].sort();
  const manifest: CorpusManifest = { format, info: { ...info, variant: 'small', sha256, domains }, documents: columns };
  return { manifest: JSON.stringify(manifest), tokens };
}

test('with the small corpus everything works, and the page says that there is less text', async ({ page, request }) => {
  const manifest = (await (await request.get(`./${MANIFEST_PATH}`)).json()) as CorpusManifest;
  const small = withoutFetched(manifest, await (await request.get(`./${TOKENS_PATH}`)).body());
  await page.route(`**/${MANIFEST_PATH}`, (route) => route.fulfill({ contentType: 'application/json', body: small.manifest }));
  await page.route(`**/${TOKENS_PATH}`, (route) => route.fulfill({ body: small.tokens }));
  const note = page.getByText(NOTE);
  await open(page, `${TINY}~validationEvery_1`.replace('validationEvery_10~', ''));
  await expect(note).toBeVisible();
  await trainOne(page, 1);
  await trainOne(page, 2);
  await expect(note).toBeVisible();
  const loss = page.getByRole('region', { name: 'Loss', exact: true });
  await loss.getByRole('button', { name: /Shown/ }).click();
  await page.getByRole('option', { name: 'Domains now' }).click();
  await expect(loss.getByRole('img', { name: /^Validation by domain, nats: / })).toHaveAttribute('aria-label', /Manuals · zh \d/);
  await expect(loss).not.toContainText('Poetry');
  await settings(page, 'Text');
  await expect(page.getByRole('switch', { name: 'manual' })).toBeVisible();
  await expect(page.getByRole('switch', { name: 'poetry' })).toBeHidden();
  await page.getByRole('link', { name: 'About' }).click();
  await expect(page.getByText('npm run corpus')).toBeVisible();
});

test('nothing is said to be missing where the whole text is there', async ({ page, request }) => {
  const { info } = (await (await request.get(`./${MANIFEST_PATH}`)).json()) as CorpusManifest;
  await open(page);
  await trainOne(page, 1);
  await expect(page.getByText('Documents are packed one after another')).toBeVisible();
  await expect(page.getByText(NOTE)).toBeVisible({ visible: info.variant === 'small' });
});
