// Reads every source that is there, after fetching what is not.
import { CODE_SOURCES } from './codeSources';
import { DOWNLOADS, downloadFolder, fetchDownloads } from './downloads';
import { HEAVY_SOURCES } from './heavySources';
import { LIGHT_SOURCES } from './lightSources';
import { installedVersion } from './paths';
import { selectDocuments, type SelectedSource } from './select';
import type { SourceSpec } from './types';

export type Variant = 'full' | 'small';

/** Fetches the heavy packages unless `small` is asked for. What cannot be fetched is said, and the corpus is small. */
export async function settleVariant(wanted: Variant, say: (line: string) => void): Promise<Variant> {
  if (wanted === 'small') return 'small';
  try {
    await fetchDownloads(say);
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}; going on with the small corpus`);
  }
  return DOWNLOADS.every(({ name }) => downloadFolder(name)) ? 'full' : 'small';
}

export const sourcesOf = (variant: Variant): readonly SourceSpec[] =>
  variant === 'full' ? [...LIGHT_SOURCES, ...HEAVY_SOURCES, ...CODE_SOURCES] : [...LIGHT_SOURCES, ...CODE_SOURCES];

export function gather(variant: Variant): SelectedSource[] {
  const present = sourcesOf(variant).map((spec) => ({ spec, documents: spec.read() ?? [] }));
  return selectDocuments(present.filter(({ documents }) => documents.length > 0));
}

/** 'npm a@1.0.0, b@2.0.0' */
export function originOf({ packages }: SourceSpec): string {
  const named = packages.flatMap((name) => {
    const version = installedVersion(name) ?? DOWNLOADS.find((download) => download.name === name)?.version;
    return version ? [`${name}@${version}`] : [];
  });
  return `npm ${named.join(', ')}`;
}
