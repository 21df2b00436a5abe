// Names of files that leave the lab: of which model they are, after how many steps.
import type { Answered } from '../../protocol/lab';

/** E.g. `shipped-step-5000`. */
export function exportNameOf({ model, step }: Answered): string {
  return `${model.kind}-step-${step}`;
}
