// Over every view: a run that lost its model with its device or its engine, how it was brought back, and what else can be done; and a fault
// that was asked for.
import type { ReactNode } from 'react';
import { Button } from '../components/Button';
import { Notice } from '../components/Notice';
import { useText, type TextTools } from '../components/TextContext';
import { FAULT_KINDS, FAULT_PHASES } from '../config/fault';
import type { BackendName } from '../protocol/commands';
import type { EngineError } from '../protocol/errors';
import { useEngine } from '../stores/engine';
import { dismissFault, useFault } from '../stores/fault';
import { useKept } from '../stores/kept';
import { discardLost, dismissRecovery, lostRun, moveTo, recover, useRecovery, type Recovery as State } from '../stores/recovery';
import { runInfo, useRun } from '../stores/run';
import { useTimeline } from '../stores/timeline';
import { engineErrorText } from '../views/train/errorText';
import styles from './Recovery.module.css';

/** Slower, and always there: what a run goes on with where its own backend may fail again. */
const REFUGE: BackendName = 'wasm';
const TITLED = ['device-lost', 'engine-crashed', 'out-of-memory'] as const;

/** @param children notices that come after its own */
export function Recovery({ children }: { readonly children?: ReactNode }) {
  const { recovery } = useRecovery();
  const run = useRun((state) => state.run);
  const keeping = useKept((state) => state.keeping);
  const snapshots = useTimeline((state) => state.snapshots);
  // A backend that is changed on purpose takes the run along by itself.
  const isBooting = useEngine(({ engine }) => engine.phase === 'booting');
  const lost = isBooting ? null : lostRun(run, keeping, snapshots);
  return (
    <div className={styles.notices}>
      <FaultNotice />
      {recovery.phase === 'busy' && <Busy cause={recovery.cause} />}
      {recovery.phase === 'back' && !lost && <Back {...recovery} />}
      {recovery.phase !== 'busy' && lost && <Lost saved={lost.saved} />}
      {children}
    </div>
  );
}

function titleOf(cause: EngineError | null, { t }: TextTools): string {
  const code = TITLED.find((one) => one === cause?.code) ?? (cause ? 'internal' : 'ended');
  return t(`recovery.title.${code}`);
}

function Busy({ cause }: { readonly cause: EngineError | null }) {
  const text = useText();
  return (
    <Notice tone="caution" title={titleOf(cause, text)}>
      {text.t('recovery.busy')}
    </Notice>
  );
}

/** Offers the backend that is always there, where it is not the one in use. */
function Refuge({ onPress }: { readonly onPress: () => void }) {
  const { t } = useText();
  const choice = useEngine((state) => state.choice);
  const isThere = useEngine(({ engine }) => engine.phase === 'ready' && engine.info.backend === REFUGE);
  if (choice === REFUGE || isThere) return null;
  return (
    <Button size="s" onPress={onPress}>
      {t('recovery.elsewhere', { backend: t(`train.backend.${REFUGE}`) })}
    </Button>
  );
}

function Back({ cause, name, lostAt, step }: Extract<State, { phase: 'back' }>) {
  const text = useText();
  const { t, integer } = text;
  const now = useRun((state) => runInfo(state.run)?.name) ?? name;
  const words = now !== name ? 'recovery.back.seed' : lostAt > step ? 'recovery.back.some' : 'recovery.back.all';
  return (
    <Notice
      tone="caution"
      title={titleOf(cause, text)}
      actions={<Refuge onPress={() => void moveTo(REFUGE)} />}
      onDismiss={dismissRecovery}
    >
      {t(words, { name, now, step: integer(step), lostAt: integer(lostAt) })} {cause && engineErrorText(cause, text)}
    </Notice>
  );
}

function Lost({ saved }: { readonly saved: number | null }) {
  const text = useText();
  const { t, integer } = text;
  const run = useRun((state) => state.run);
  const { recovery } = useRecovery();
  if (run.phase !== 'failed' && run.phase !== 'lost') return null;
  const cause = run.error ?? (recovery.phase === 'failed' ? recovery.cause : null);
  const { name } = run.info;
  const step = integer(saved ?? 0);
  return (
    <Notice
      tone="danger"
      title={titleOf(cause, text)}
      actions={
        <>
          <Button size="s" tone="primary" onPress={() => void recover()}>
            {saved === null ? t('recovery.again') : t('recovery.goOn', { step })}
          </Button>
          <Refuge onPress={() => void recover(REFUGE)} />
          <Button size="s" tone="quiet" onPress={() => void discardLost()}>
            {t('recovery.discard')}
          </Button>
        </>
      }
    >
      {saved === null ? t('recovery.nothing', { name }) : t('recovery.kept', { name, step })}{' '}
      {cause && engineErrorText(cause, text)}
    </Notice>
  );
}

function FaultNotice() {
  const { t, integer } = useText();
  const fault = useFault((state) => state.fault);
  const hasDevice = useEngine(({ engine }) => engine.phase !== 'ready' || engine.info.backend.startsWith('webgpu'));
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
        <Notice
          tone="caution"
          title={t(`fault.${fault.phase}`, { kind, phase, step: integer(step) })}
          {...(fault.phase === 'struck' && { onDismiss: dismissFault })}
        >
          {t(fault.phase === 'planned' && kind === 'lose-device' && !hasDevice ? 'fault.noDevice' : 'fault.note')}
        </Notice>
      );
    }
  }
}
