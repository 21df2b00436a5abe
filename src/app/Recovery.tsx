// Over every view: a run that lost its model with its device or its engine, and what can be done; and a fault that was asked for.
import { useState } from 'react';
import { Button } from '../components/Button';
import { Notice } from '../components/Notice';
import { useText } from '../components/TextContext';
import { FAULT_KINDS, FAULT_PHASES } from '../config/fault';
import type { BackendName } from '../protocol/commands';
import { useEngine } from '../stores/engine';
import { useFault } from '../stores/fault';
import { lostRun, useKept } from '../stores/kept';
import { discardLost, recover } from '../stores/recovery';
import { useRun, type Run } from '../stores/run';
import { engineErrorText } from '../views/train/errorText';
import styles from './Recovery.module.css';

/** Slower, and always there: what a run goes on with where its own backend may fail again. */
const REFUGE: BackendName = 'wasm';
const TITLED = ['device-lost', 'engine-crashed', 'out-of-memory'] as const;

export function Recovery() {
  const [isBusy, setBusy] = useState(false);
  const run = useRun((state) => state.run);
  const keeping = useKept((state) => state.keeping);
  const lost = lostRun(run, keeping);
  const act = async (work: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    await work().finally(() => setBusy(false));
  };
  return (
    <div className={styles.notices}>
      <FaultNotice />
      {isBusy ? <Busy /> : lost && <LostNotice run={run} saved={lost.saved} act={(work) => void act(work)} />}
    </div>
  );
}

function Busy() {
  const { t } = useText();
  return <Notice title={t('recovery.busy')} />;
}

interface LostProps {
  readonly run: Run;
  readonly saved: number | null;
  readonly act: (work: () => Promise<unknown>) => void;
}

function LostNotice({ run, saved: savedStep, act }: LostProps) {
  const text = useText();
  const { t, integer } = text;
  const choice = useEngine((state) => state.choice);
  if (run.phase !== 'failed' && run.phase !== 'lost') return null;
  const { error, info, step } = run;
  const code = TITLED.find((one) => one === error?.code) ?? (error ? 'internal' : 'ended');
  const saved = integer(savedStep ?? 0);
  const { name } = info;
  const outcome =
    savedStep === null
      ? t('recovery.nothing', { name })
      : t(savedStep === step ? 'recovery.keptAll' : 'recovery.kept', { name, saved });
  return (
    <Notice
      tone="danger"
      title={t(`recovery.title.${code}`)}
      actions={
        <>
          <Button size="s" tone="primary" onPress={() => act(recover)}>
            {savedStep === null ? t('recovery.again') : t('recovery.goOn', { saved })}
          </Button>
          {choice !== REFUGE && (
            <Button size="s" onPress={() => act(() => recover(REFUGE))}>
              {t('recovery.elsewhere', { backend: t(`train.backend.${REFUGE}`) })}
            </Button>
          )}
          <Button size="s" tone="quiet" onPress={() => act(discardLost)}>
            {t('recovery.discard')}
          </Button>
        </>
      }
    >
      {outcome} {error && engineErrorText(error, text)}
    </Notice>
  );
}

function FaultNotice() {
  const { t, integer } = useText();
  const fault = useFault((state) => state.fault);
  switch (fault.phase) {
    case 'none':
      return null;
    case 'refused':
      return (
        <Notice tone="caution" title={t('fault.refused', { given: fault.given })}>
          {t(`fault.refused.${fault.offence}`, { kinds: FAULT_KINDS.join(', '), phases: FAULT_PHASES.join(', ') })}
        </Notice>
      );
    case 'planned':
    case 'struck': {
      const { kind, phase, step } = fault.plan;
      return (
        <Notice tone="caution" title={t(`fault.${fault.phase}`, { kind, phase, step: integer(step) })}>
          {t('fault.note')}
        </Notice>
      );
    }
  }
}
