// Over the views that speak of the run, where there is none: the run that was saved last can be gone on with. Train says more of it.
import { useState } from 'react';
import { Button } from '../components/Button';
import { Notice } from '../components/Notice';
import { useText } from '../components/TextContext';
import { offeredRuns, useKept } from '../stores/kept';
import { resumeKept } from '../stores/resume';
import { useRun } from '../stores/run';

export function KeptOffer() {
  const { t, integer, moment, loose } = useText();
  const run = useRun((state) => state.run);
  const state = useKept();
  const [dismissed, setDismissed] = useState<string | null>(null);
  const newest = offeredRuns(run, state).find(({ isElsewhere }) => !isElsewhere);
  if (!newest || newest.runId === dismissed) return null;
  const { runId, name, step, savedAt, backend } = newest;
  return (
    <Notice
      title={t('kept.title', { name, step: integer(step) })}
      actions={
        <Button size="s" tone="primary" isDisabled={state.isBusy} onPress={() => void resumeKept(runId, false)}>
          {t('kept.resume')}
        </Button>
      }
      onDismiss={() => setDismissed(runId)}
    >
      {state.isBusy ? t('kept.busy') : t('kept.body', { when: moment(savedAt), backend: loose(`train.backend.${backend}`) })}
    </Notice>
  );
}
