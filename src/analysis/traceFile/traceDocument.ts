// What a file of a trace says of it besides its numbers. The formats are described in docs/trace-format.md.
import type { PromptTrace } from '../promptTrace';

export interface TraceDocument {
  /** Which model, e.g. `shipped.5000`. */
  readonly model: string;
  /** Steps it was trained. */
  readonly step: number;
  /** Number in the model of the first layer that routes. */
  readonly firstLayer: number;
  readonly text: string;
  /** The interventions as a link writes them; '' without. */
  readonly changes: string;
  readonly ids: Int32Array; // [T]
  readonly pieces: readonly string[]; // [T]
  readonly baseline: PromptTrace;
  /** null without interventions. */
  readonly changed: PromptTrace | null;
}

/** The traces there are, each under its name in the files. */
export function versionsOf({ baseline, changed }: TraceDocument): readonly (readonly ['baseline' | 'changed', PromptTrace])[] {
  return [['baseline', baseline] as const, ...(changed ? [['changed', changed] as const] : [])];
}
