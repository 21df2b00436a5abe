// The settings of a run as they stood at one of its moments, as the engine reads them from what is kept.
import { useEffect, useState } from 'react';
import type { RunConfig } from '../../config/trainConfig';
import type { RunMoment } from '../../protocol/modelRef';
import { loadMomentConfig } from '../../stores/timeline';

/** null while they are being read, and where they cannot be. */
export function useMomentConfig({ runId, step }: RunMoment): RunConfig | null {
  const [read, setRead] = useState<{ readonly key: string; readonly config: RunConfig } | null>(null);
  const key = `${runId} ${step}`;
  useEffect(() => {
    let isWanted = true;
    void loadMomentConfig({ kind: 'checkpoint', runId, step }).then((config) => {
      if (isWanted && config) setRead({ key: `${runId} ${step}`, config });
    });
    return () => {
      isWanted = false;
    };
  }, [runId, step]);
  return read?.key === key ? read.config : null;
}
