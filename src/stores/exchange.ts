// Models that leave and come as files: what is under way, what went out, and the one that was taken in.
import { create } from 'zustand';
import type { ExportOptions } from '../checkpoint/exchange/exportFolder';
import type { Progress, Replies } from '../protocol/commands';
import type { EngineError } from '../protocol/errors';
import type { ExportAnswer, ImportedModel } from '../protocol/exchange';
import type { ModelRef } from '../protocol/modelRef';
import { ensureEngine } from './connect';
import { request, useEngine } from './engine';
import { runInfo, type Run } from './run';
import { shownSnapshot, type ShelfState } from './shelf';

export type Work =
  | { readonly phase: 'idle' }
  | { readonly phase: 'working'; readonly progress: Progress | null }
  | { readonly phase: 'failed'; readonly error: EngineError };

export interface ExchangeState {
  readonly exporting: Work;
  /** What the newest export gave; null once another one is asked for. */
  readonly exported: ExportAnswer | null;
  readonly importing: Work;
  readonly imported: ImportedModel | null;
  readonly measuring: Work;
  readonly measured: Replies['measureModel'] | null;
  readonly writing: Work;
  /** What the imported model wrote last, or has written so far. */
  readonly written: string;
}

const IDLE: Work = { phase: 'idle' };
/** As long as a line that one reads at a glance. */
const SAMPLING = { tokens: 48, temperature: 0.8, topK: 0, topP: 1, repetitionPenalty: 1, seed: 1 };

export const useExchange = create<ExchangeState>(() => ({
  exporting: IDLE,
  exported: null,
  importing: IDLE,
  imported: null,
  measuring: IDLE,
  measured: null,
  writing: IDLE,
  written: '',
}));

/** A model lives in the engine that took it in. */
useEngine.subscribe(({ engine }) => {
  if (engine.phase === 'booting' || engine.phase === 'failed')
    useExchange.setState({ imported: null, measured: null, measuring: IDLE, writing: IDLE, written: '' });
});

type Job = 'exporting' | 'importing' | 'measuring' | 'writing';
const under: Partial<Record<Job, AbortController>> = {};

const LIVE: ModelRef = { kind: 'live' };

/** What of a run decides which models can go out: nothing that a step changes. */
export const runToExport = (run: Run): { readonly phase: Run['phase']; readonly runId: string | null } => ({
  phase: run.phase,
  runId: runInfo(run)?.runId ?? null,
});

/** The models that can go out, the one looked at first: a moment of the run, and the run as it is now; without a run, the page's own. */
export function modelsToExport(
  { phase, runId }: ReturnType<typeof runToExport>,
  shelf: ShelfState,
  chosen: ModelRef | null,
): readonly ModelRef[] {
  if (phase === 'paused' || phase === 'training' || phase === 'failed')
    return chosen?.kind === 'checkpoint' && chosen.runId === runId ? [chosen, LIVE] : [LIVE];
  const snapshot = phase === 'none' ? shownSnapshot(shelf, chosen) : null;
  return snapshot ? [{ kind: 'shipped', step: snapshot.step }] : [];
}

/** Stops what is under way. */
export function cancelExchange(job: Job): void {
  under[job]?.abort();
}

/** Lets what was said of the newest export go. */
export function forgetExport(): void {
  cancelExchange('exporting');
  useExchange.setState({ exporting: IDLE, exported: null });
}

/** Runs `ask` as the newest of its kind; an older one gives way. The answer, or null where there is none: see the store. */
async function work<T>(
  job: Job,
  ask: (
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
  ) => Promise<{ ok: true; value: T } | { ok: false; error: EngineError }>,
): Promise<T | null> {
  cancelExchange(job);
  const controller = new AbortController();
  under[job] = controller;
  const tell = (next: Work): void => {
    if (under[job] === controller) useExchange.setState({ [job]: next });
  };
  tell({ phase: 'working', progress: null });
  const reply = await ask(controller.signal, (progress) => tell({ phase: 'working', progress }));
  if (under[job] !== controller) return null;
  tell(reply.ok || reply.error.code === 'cancelled' ? IDLE : { phase: 'failed', error: reply.error });
  return reply.ok ? reply.value : null;
}

/** Has a model written as files. null where it could not be: see the store. */
export async function exportModel(model: ModelRef, options: ExportOptions, asZip: boolean): Promise<ExportAnswer | null> {
  useExchange.setState({ exported: null });
  const exported = await work('exporting', (signal, onProgress) =>
    request({ kind: 'exportModel', request: { model, ...options, asZip } }, { signal, onProgress }),
  );
  if (exported) useExchange.setState({ exported });
  return exported;
}

/** Takes in the model of `files`, measures it where it can read the text, and has it write on from `prompt`. */
export async function importModel(files: readonly File[], prompt: string): Promise<void> {
  const named = files.map((file) => ({ name: file.name, file }));
  const imported = await work('importing', async (signal, onProgress) => {
    await ensureEngine();
    return request({ kind: 'importModel', files: named }, { signal, onProgress });
  });
  if (!imported) return;
  cancelExchange('measuring');
  cancelExchange('writing');
  useExchange.setState({ imported, measured: null, measuring: IDLE, writing: IDLE, written: '' });
  if (canRead(imported)) await writeOn(prompt);
  if (imported.tokenizer.kind === 'same') await measureImported();
}

/** The imported model has a tokenizer that can be read here, so it can be asked. */
export function canRead({ tokenizer }: ImportedModel): boolean {
  return tokenizer.kind === 'same' || tokenizer.kind === 'own';
}

/** Has the imported model measured on the held-out text. */
export async function measureImported(): Promise<void> {
  const { imported } = useExchange.getState();
  if (!imported) return;
  const model: ModelRef = { kind: 'imported', id: imported.id };
  const measured = await work('measuring', (signal, onProgress) =>
    request({ kind: 'measureModel', model }, { signal, onProgress }),
  );
  if (measured) useExchange.setState({ measured });
}

/** Has the imported model go on with `prompt`. */
export async function writeOn(prompt: string): Promise<void> {
  const { imported } = useExchange.getState();
  if (!imported) return;
  const model: ModelRef = { kind: 'imported', id: imported.id };
  const question = { model, text: prompt, continuation: [], interventions: [] };
  const written = await work('writing', (signal, onProgress) => {
    useExchange.setState({ written: prompt });
    return request(
      { kind: 'generate', request: { ...question, ...SAMPLING } },
      {
        signal,
        onProgress: (progress) => {
          if (signal.aborted) return;
          onProgress(progress);
          useExchange.setState(({ written: soFar }) => ({ written: soFar + (progress.made?.piece ?? '') }));
        },
      },
    );
  });
  if (written) useExchange.setState({ written: written.text });
}
