// A fault on purpose (config/fault.ts): planted by the page, struck once at its phase and step. Nothing happens where none was planted.
import type { FaultKind, FaultPhase, FaultPlan } from '../config/fault';

/** What the engine can do to itself. */
export interface FaultWays {
  /** False: there is no device to lose. */
  loseDevice(): boolean;
  /** Ends this worker as a mistake outside of everything would, or without a word. */
  end(how: Extract<FaultKind, 'crash' | 'close'>): void;
}

/** Called where a phase has been reached. May throw. */
export type Reach = (phase: FaultPhase, step: number) => void;

export class Faults {
  private readonly ways: FaultWays;
  private planted: { readonly plan: FaultPlan; readonly struck: () => void } | null = null;

  constructor(ways: FaultWays) {
    this.ways = ways;
  }

  /** Resolves when `plan` has struck. */
  plant(plan: FaultPlan): Promise<void> {
    return new Promise((struck) => (this.planted = { plan, struck }));
  }

  readonly reach: Reach = (phase, step) => {
    const { planted } = this;
    if (!planted || planted.plan.phase !== phase || step < planted.plan.step) return;
    const { kind } = planted.plan;
    if (kind === 'lose-device' && !this.ways.loseDevice()) return;
    this.planted = null;
    planted.struck();
    const detail = `planned by ?debug= in ${phase}, step ${step}`;
    switch (kind) {
      case 'lose-device':
        return;
      case 'throw':
        throw new Error(detail);
      case 'out-of-memory':
        throw new RangeError(detail);
      case 'crash':
      case 'close':
        return this.ways.end(kind);
    }
  };
}
