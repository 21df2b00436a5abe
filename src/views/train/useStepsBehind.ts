// Whether the run has steps already, as one that was brought back has: what is not there yet comes with the next step, not the first.
import { runStep, useRun } from '../../stores/run';

export const useStepsBehind = (): boolean => useRun(({ run }) => runStep(run) > 0);
