// The settings of a run as they stood at one of its moments, as the engine reads them from what is kept.
import { useEffect, useState } from 'react';
import type { RunConfig } from '../../config/trainConfig';
import type { Result } from '../../core/result';
import type { EngineError } from '../../protocol/errors';
import type { RunMoment } from '../../protocol/modelRef';
import { loadMomentConfig } from '../../stores/timeline';

type MomentConfig = Result<RunConfig, EngineError>;

/** null while they are being read, and without a moment. */
export function useMomentConfig(moment: RunMoment | null): MomentConfig | null {
  const [known, setKnown] = useState<{ readonly key: string; readonly read: MomentConfig } | null>(null);
  const runId = moment?.runId;
  const step = moment?.step;
  const key = `${runId} ${step}`;
  useEffect(() => {
    if (runId === undefined || step === undefined) return;
    let isWanted = true;
    void loadMomentConfig({ kind: 'checkpoint', runId, step }).then((read) => {
      if (isWanted) setKnown({ key: `${runId} ${step}`, read });
    });
    return () => {
      isWanted = false;
    };
  }, [runId, step]);
  return known?.key === key ? known.read : null;
}
