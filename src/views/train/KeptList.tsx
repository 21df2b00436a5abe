// The runs this browser keeps, in one list: what each has come to, and which went off from which, at what step, with what changed.
import { useEffect, useState } from 'react';
import { Badge } from '../../components/Badge';
import { Button } from '../../components/Button';
import { Disclosure } from '../../components/Disclosure';
import { useText, type TextTools } from '../../components/TextContext';
import type { KeptRun } from '../../protocol/kept';
import { listedRuns, loadKept, pinKept, useKept } from '../../stores/kept';
import { resumeKept } from '../../stores/resume';
import { isElsewhere, runInfo, useRun } from '../../stores/run';
import { Discarding } from './Discarding';
import { fieldChangeText } from './fieldValueText';
import styles from './KeptList.module.css';
import { keptLimits, namedRuns } from './keptWords';

export function KeptList() {
  const text = useText();
  const { t } = text;
  const kept = useKept((state) => state.kept);
  const saved = useKept((state) => state.keeping?.saved ?? null);
  const run = useRun((state) => state.run);
  const [asked, setAsked] = useState<KeptRun | null>(null);
  const own = isElsewhere(run) ? null : (runInfo(run)?.runId ?? null);
  const isKept = saved !== null;
  const rested = run.phase === 'paused' ? saved : null;
  useEffect(() => {
    // A run that has been saved for the first time, or has come to rest, is in the list now.
    if (isKept) void loadKept();
  }, [isKept, rested, own]);
  const runs = listedRuns(run, { kept });
  // One that is offered above needs no list besides.
  if (runs.filter(({ runId }) => runId !== own).length < (own === null ? 2 : 1)) return null;
  const ids = new Set(runs.map(({ runId }) => runId));
  const roots = runs.filter(({ parent }) => !parent || !ids.has(parent.runId));
  return (
    <>
      <Disclosure title={t('kept.tree')} aside={<Badge>{text.integer(runs.length)}</Badge>} level={2}>
        <Runs of={roots} all={runs} own={own} onDiscard={setAsked} />
        <p className={styles.note}>{keptLimits(text)}</p>
      </Disclosure>
      {kept.next.length > 0 && <p className={styles.note}>{t('kept.next', { runs: namedRuns(kept.next, text) })}</p>}
      {asked && <Discarding kept={asked} onClose={() => setAsked(null)} />}
    </>
  );
}

interface Shared {
  readonly all: readonly KeptRun[];
  /** The run that is open here. */
  readonly own: string | null;
  readonly onDiscard: (run: KeptRun) => void;
}

/** Runs side by side, each with its branches below it. */
function Runs({ of, ...shared }: Shared & { readonly of: readonly KeptRun[] }) {
  return (
    <ul className={styles.runs}>
      {of.map((run) => {
        const branches = shared.all.filter(({ parent }) => parent?.runId === run.runId);
        return (
          <li key={run.runId}>
            <Row run={run} {...shared} />
            {branches.length > 0 && <Runs of={branches} {...shared} />}
          </li>
        );
      })}
    </ul>
  );
}

function Row({ run, all, own, onDiscard }: Shared & { readonly run: KeptRun }) {
  const text = useText();
  const { t } = text;
  const isBusy = useKept((state) => state.isBusy);
  const { runId, name, parent, isPinned, isElsewhere: isAway } = run;
  const isOwn = runId === own;
  const open = isAway ? 'takeOver' : 'open';
  const pin = isPinned ? 'unpin' : 'pin';
  return (
    <div className={styles.row}>
      <p className={styles.head}>
        <strong>{name}</strong>
        {(isOwn || isAway) && <span>{t(isOwn ? 'kept.tree.here' : 'kept.tree.elsewhere')}</span>}
      </p>
      <p className={styles.note}>{factsOf(run, text)}</p>
      {parent && <p className={styles.note}>{originOf(parent, all, text)}</p>}
      <div className={styles.actions}>
        {!isOwn && (
          <Button
            size="s"
            isDisabled={isBusy}
            aria-label={t(`kept.tree.${open}.run`, { name })}
            onPress={() => void resumeKept(runId, isAway)}
          >
            {t(`kept.tree.${open}`)}
          </Button>
        )}
        <Button
          size="s"
          isDisabled={isBusy}
          aria-label={t(`kept.tree.${pin}.run`, { name })}
          onPress={() => void pinKept(runId, !isPinned)}
        >
          {t(`kept.tree.${pin}`)}
        </Button>
        {!isOwn && !isAway && (
          <Button size="s" isDisabled={isBusy} aria-label={t('kept.tree.discard.run', { name })} onPress={() => onDiscard(run)}>
            {t('kept.discard')}
          </Button>
        )}
      </div>
    </div>
  );
}

/** Steps, loss, when it was kept, room: as far as each is known. */
function factsOf({ step, loss, savedAt, bytes, isPinned }: KeptRun, { t, integer, fixed, moment, ...text }: TextTools): string {
  return [
    ...(isPinned ? [t('kept.tree.pinned')] : []),
    t('kept.tree.step', { step: integer(step) }),
    ...(loss === undefined ? [] : [t('kept.tree.loss', { loss: fixed(loss, 3) })]),
    ...(Number.isNaN(savedAt) ? [] : [moment(savedAt)]),
    ...(bytes === undefined ? [] : [text.bytes(bytes)]),
  ].join(' · ');
}

/** Where a branch went off, and with what changed. */
function originOf({ runId, step, changed }: NonNullable<KeptRun['parent']>, all: readonly KeptRun[], text: TextTools): string {
  const { t, integer } = text;
  const from = all.find((other) => other.runId === runId);
  return [
    from ? t('kept.tree.from', { name: from.name, step: integer(step) }) : t('kept.tree.orphan', { step: integer(step) }),
    ...changed.map((change) => fieldChangeText(change, text)),
  ].join(' · ');
}
