// A run as one file: checkpoint/runFile.ts, which the page and a shell both write and read.
import { decodeRunFile, encodeRunFile } from '../../checkpoint/runFile';
import type { RunIdentity, RunState } from '../../checkpoint/runState';
import { err, type Result } from '../../core/result';
import type { CorpusInfo } from '../../data/corpus';
import { parameterSpecs } from '../../model/parameters';
import type { EngineError } from '../../protocol/errors';

export async function writeRunFile(state: RunState): Promise<Blob> {
  return new Blob([await encodeRunFile(state, parameterSpecs)]);
}

/** A whole state, or what is wrong with the file. Nothing of it is used before all of it was checked. */
export async function readRunFile(file: Blob): Promise<Result<RunState, EngineError>> {
  try {
    const state = await decodeRunFile(new Uint8Array(await file.arrayBuffer()), parameterSpecs);
    if (state.ok) return state;
    const { offence, detail, fields } = state.error;
    return err({ code: 'run-unreadable', detail: `${offence}: ${detail}`, ...(fields && { fields }) });
  } catch (thrown) {
    return err({
      code: 'run-unreadable',
      detail: `${file.size} bytes: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    });
  }
}

/** null where a run learned from the text that is here. */
export function sameText(saved: RunIdentity, { sha256, tokenizerSha256 }: CorpusInfo): EngineError | null {
  const brief = (sum: string): string => `${sum.slice(0, 12)}…`;
  for (const [then, now] of [
    [saved.corpus, sha256],
    [saved.tokenizer, tokenizerSha256],
  ] as const)
    if (then !== now) return { code: 'run-other-text', detail: `${brief(then)} ≠ ${brief(now)}` };
  return null;
}

/** What else decides a run's bits and is not as it was. */
export function differences(saved: RunIdentity, now: RunIdentity): (keyof RunIdentity)[] {
  return (['backend', 'kernels', 'build'] as const).filter((part) => saved[part] !== now[part]);
}
