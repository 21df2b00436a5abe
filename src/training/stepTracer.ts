// Follows one step through its phases. WebGPU takes work and goes on: exact times are had by waiting for it after every phase, which slows the step.
import { Laps, traceOf, type Lap, type Phase, type StepTrace } from '../core/stepTrace';
import { isDeferred, settled } from '../kernels/settled';

export interface Tracing {
  /** ms that only grow, the same for all workers. */
  readonly clock: () => number;
  /** Waits for the device after every phase, where it works on its own time. */
  readonly exact: boolean;
}

export class StepTracer {
  readonly laps: Laps;
  /** Every phase is waited for. */
  readonly waits: boolean;
  private readonly clock: () => number;
  private readonly from: number;

  /** The step begins now. */
  constructor({ clock, exact }: Tracing) {
    this.clock = clock;
    this.waits = exact && isDeferred();
    this.from = clock();
    this.laps = new Laps(clock);
  }

  /** A phase has ended; what comes next is another's. */
  async end(phase: Phase, shard: number | null = null): Promise<void> {
    if (this.waits) await settled();
    this.laps.end(phase, shard);
  }

  /** The step has told everything. @param helpers laps of each helper */
  finish(step: number, helpers: readonly (readonly Lap[])[]): StepTrace {
    const when = { from: this.from, until: this.clock(), exact: this.waits || !isDeferred() };
    return traceOf(step, when, [this.laps.take(), ...helpers]);
  }
}
