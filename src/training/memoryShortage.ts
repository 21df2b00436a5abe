// Whether what training takes fits into what the backend that runs has.
import { memoryEstimate } from '../analysis/memory';
import type { RunConfig } from '../config/trainConfig';
import { memoryLimits } from '../kernels/memoryLimits';

/** What `config` needs beyond what the backend has, in numbers; null where it fits. */
export function memoryShortage(config: RunConfig): string | null {
  const needed = memoryEstimate(config.model, config.train);
  const limits = memoryLimits();
  if (needed.total > limits.total) return `${inGiB(needed.total)} > ${inGiB(limits.total)}`;
  if (needed.largestTensor > limits.tensor) return `${inGiB(needed.largestTensor)} > ${inGiB(limits.tensor)} (1 tensor)`;
  return null;
}

const inGiB = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
