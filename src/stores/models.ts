// The models that can be asked here: the run, the snapshots that come with the page, the one that was taken in.
import { useMemo } from 'react';
import type { ModelConfig } from '../config/modelConfig';
import type { ModelRef } from '../protocol/modelRef';
import { useExchange } from './exchange';
import { runInfo, useRun } from './run';
import { useShelf } from './shelf';
import { momentSteps, useTimeline } from './timeline';

/** A name for links and lists: `live`, `shipped.5000`, `imported.ID`, `checkpoint.RUN.120`. */
export function modelKey(ref: ModelRef): string {
  switch (ref.kind) {
    case 'live':
      return 'live';
    case 'shipped':
      return `shipped.${ref.step}`;
    case 'imported':
      return `imported.${ref.id}`;
    case 'checkpoint':
      return `checkpoint.${ref.runId}.${ref.step}`;
  }
}

/** null where `key` names none. */
export function modelOfKey(key: string): ModelRef | null {
  const [kind, ...rest] = key.split('.');
  const step = Number(rest.at(-1));
  const isStep = /^\d{1,9}$/.test(rest.at(-1) ?? '');
  if (kind === 'live' && rest.length === 0) return { kind };
  if (kind === 'shipped' && rest.length === 1 && isStep) return { kind, step };
  if (kind === 'imported' && rest.length === 1 && rest[0]) return { kind, id: rest[0] };
  if (kind === 'checkpoint' && rest.length === 2 && rest[0] && isStep) return { kind, runId: rest[0], step };
  return null;
}

/** Its shape, as far as the page knows it; null where there is no such model, or only the engine knows. */
export function configOf(ref: ModelRef): ModelConfig | null {
  const { manifest } = useShelf.getState();
  const { imported } = useExchange.getState();
  switch (ref.kind) {
    case 'live':
      return runInfo(useRun.getState().run)?.config.model ?? null;
    case 'shipped':
      return manifest && manifest !== 'missing' ? manifest.config.model : null;
    case 'imported':
      return imported?.id === ref.id ? imported.config : null;
    case 'checkpoint':
      return runInfo(useRun.getState().run)?.runId === ref.runId ? configOf({ kind: 'live' }) : null;
  }
}

/** All of them; the run and its kept moments first, then the page's own from its last step to its first. */
export function useKnownModels(): readonly ModelRef[] {
  const hasRun = useRun(({ run }) => runInfo(run) !== null && run.phase !== 'lost');
  const manifest = useShelf((state) => state.manifest);
  const imported = useExchange((state) => state.imported);
  const snapshots = useTimeline((state) => state.snapshots);
  return useMemo((): readonly ModelRef[] => {
    const shipped = manifest && manifest !== 'missing' ? manifest.snapshots.toReversed() : [];
    return [
      ...(hasRun ? [{ kind: 'live' } as const] : []),
      ...(hasRun && snapshots ? momentSteps({ snapshots }) : [])
        .map(({ step }) => ({ kind: 'checkpoint', runId: snapshots!.runId, step }) as const)
        .toReversed(),
      ...shipped.map(({ step }) => ({ kind: 'shipped', step }) as const),
      ...(imported && ['same', 'own'].includes(imported.tokenizer.kind) ? [{ kind: 'imported', id: imported.id } as const] : []),
    ];
  }, [hasRun, manifest, imported, snapshots]);
}
