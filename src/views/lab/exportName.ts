// Names of files that leave the lab: what it is, of which model, after how many steps.
import type { Answered } from '../../protocol/lab';

/** E.g. `trace-shipped-step-5000`; without an ending. */
export function exportNameOf({ model, step }: Answered, what: string): string {
  return `${what}-${model.kind}-step-${step}`;
}
