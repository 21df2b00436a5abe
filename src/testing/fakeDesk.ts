// The fake engine's answers about runs that outlive the page.
import { err, ok } from '../core/result';
import type { Handlers } from '../protocol/channel';
import type { KeptRun, ResumedRun, RunHistory } from '../protocol/kept';

interface FakeRuns {
  /** The current run. */
  run(): { readonly step: number } | null;
  /** Makes a kept run the current one. */
  adopt(kept: KeptRun, history: RunHistory): ResumedRun;
}

type Commands = 'keptRuns' | 'resumeRun' | 'discardRun' | 'pinRun' | 'exportRun' | 'importRun';

/** One told step of a run that stands at `step`. */
function historyAt(step: number): RunHistory {
  const figures = { gradientNorm: 1, clipped: false, learningRate: 1e-3, tokensSeen: 0, epoch: 0, stepMs: 5 };
  return {
    scalars: [{ step, loss: 4.25, ...figures, workers: 1, maxAttentionLogit: 3, balanceLoss: 0 }],
    balance: [{ maxVio: 0.5, biasChangedShare: 0.25 }],
    routing: [],
    validation: [],
    samples: [{ step, prompt: 'The', text: 'The yard' }],
    baselines: { uniform: 7.6, unigram: 6.2, unigramCross: 6.3, bigram: 4.6 },
  };
}

export function fakeDesk(before: readonly KeptRun[], runs: FakeRuns): Pick<Handlers, Commands> {
  let kept = before;
  return {
    keptRuns: () => ok({ place: 'files', runs: kept, next: [], error: null }),
    resumeRun: ({ runId, takeOver }) => {
      const found = kept.find((one) => one.runId === runId);
      if (!found) return err({ code: 'storage-damaged', detail: runId });
      if (found.isElsewhere && !takeOver) return err({ code: 'run-elsewhere', detail: runId });
      return ok(runs.adopt(found, historyAt(found.step)));
    },
    discardRun: ({ runId }) => {
      kept = kept.filter((one) => one.runId !== runId);
      return ok(null);
    },
    pinRun: ({ runId, isPinned }) => {
      kept = kept.map((one) => (one.runId === runId ? { ...one, isPinned } : one));
      return ok(null);
    },
    exportRun: () => {
      const run = runs.run();
      return run ? ok({ step: run.step, file: new Blob(['state']) }) : err({ code: 'no-run' });
    },
    importRun: ({ file }) => err({ code: 'run-unreadable', detail: `container: ${file.size} bytes` }),
  };
}
