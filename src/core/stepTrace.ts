// Where the time of a training step went: its phases as spans, measured where they run and told as plain numbers.

/**
 * Parts of a step. `copy`: weights and gradients between workers; `wait`: for shards that helpers compute; `reduce`: adding the shards'
 * gradients; `readBack`: bringing what the step has to tell from the device.
 */
export const PHASES = ['data', 'copy', 'forward', 'backward', 'wait', 'reduce', 'optimizer', 'readBack'] as const;
export type Phase = (typeof PHASES)[number];

export interface PhaseSpan {
  readonly phase: Phase;
  /** Who worked: 0 the trainer itself, helpers from 1. */
  readonly worker: number;
  /** null: the phase is the whole batch's. */
  readonly shard: number | null;
  /** ms after the step began. */
  readonly start: number;
  /** ms */
  readonly duration: number;
}

export interface StepTrace {
  /** The step that was traced; the first is 1. */
  readonly step: number;
  /** ms from its beginning until it had told everything. */
  readonly duration: number;
  /** False: the device works on after a phase has ended here, so that spans say when work was handed over, not when it was done. */
  readonly exact: boolean;
  /** Those of one worker do not overlap; in order of worker and start. */
  readonly spans: readonly PhaseSpan[];
}

/** A phase by the clock, before anybody knows to which step and worker it belongs. */
export interface Lap {
  readonly phase: Phase;
  readonly shard: number | null;
  readonly from: number;
  readonly until: number;
}

/** Phases one after the other on one worker: each lasts from the end of the one before. */
export class Laps {
  private readonly clock: () => number;
  private readonly done: Lap[] = [];
  private from: number;

  /** @param clock ms that only grow, the same for all workers */
  constructor(clock: () => number) {
    this.clock = clock;
    this.from = clock();
  }

  /** What passed since the last phase belongs to none. */
  skip(): void {
    this.from = this.clock();
  }

  end(phase: Phase, shard: number | null = null): void {
    const until = this.clock();
    this.done.push({ phase, shard, from: this.from, until });
    this.from = until;
  }

  /** The phase goes on after `pause`, which belongs to none if it resolves with true. */
  async pause(phase: Phase, shard: number, pause: Promise<boolean>): Promise<void> {
    const lap = { phase, shard, from: this.from, until: this.clock() };
    if (!(await pause)) return;
    this.done.push(lap);
    this.skip();
  }

  /** The laps since the last call. */
  take(): Lap[] {
    return this.done.splice(0);
  }
}

/**
 * The laps of all workers as the trace of a step that lasted from `from` until `until`; what their clocks put outside of it is cut off.
 * @param workers laps of the trainer, then of each helper
 */
export function traceOf(
  step: number,
  { from, until, exact }: { readonly from: number; readonly until: number; readonly exact: boolean },
  workers: readonly (readonly Lap[])[],
): StepTrace {
  const within = (time: number): number => Math.min(until, Math.max(from, time));
  const spans = workers.flatMap((laps, worker) =>
    laps.map(({ phase, shard, ...lap }): PhaseSpan => {
      const begin = within(lap.from);
      return { phase, worker, shard, start: begin - from, duration: within(lap.until) - begin };
    }),
  );
  return { step, duration: until - from, exact, spans };
}

/** ms each phase took on `worker`, or on all workers together. */
export function phaseTotals({ spans }: StepTrace, worker?: number): Record<Phase, number> {
  const totals = Object.fromEntries(PHASES.map((phase) => [phase, 0])) as Record<Phase, number>;
  for (const span of spans) if (worker === undefined || span.worker === worker) totals[span.phase] += span.duration;
  return totals;
}
