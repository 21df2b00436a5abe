// The runs this browser keeps as a tree: which went off from which, at what step, with what changed.
import { useEffect } from 'react';
import { Button } from '../../components/Button';
import { Disclosure } from '../../components/Disclosure';
import { useText } from '../../components/TextContext';
import type { KeptRun } from '../../protocol/kept';
import { listedRuns, loadKept, useKept } from '../../stores/kept';
import { resumeKept } from '../../stores/resume';
import { isElsewhere, runInfo, useRun } from '../../stores/run';
import { fieldValueText } from './fieldValueText';
import { keptLimits, namedRuns } from './keptWords';
import styles from './rail.module.css';

export function RunTree() {
  const text = useText();
  const { t } = text;
  const kept = useKept((state) => state.kept);
  const current = useRun(({ run }) => run);
  const runs = listedRuns(current, { kept });
  const saved = useKept((state) => state.keeping?.saved ?? null);
  const own = isElsewhere(current) ? null : (runInfo(current)?.runId ?? null);
  const isResting = current.phase === 'paused';
  const isKept = saved !== null;
  const rested = isResting ? saved : null;
  useEffect(() => {
    // A run that has been saved for the first time, or has come to rest, is in the list now.
    if (isKept) void loadKept();
  }, [isKept, rested, own]);
  // One that is offered above needs no list besides.
  if (runs.filter(({ runId }) => runId !== own).length < (own === null ? 2 : 1)) return null;
  const ids = new Set(runs.map(({ runId }) => runId));
  const roots = runs.filter(({ parent }) => !parent || !ids.has(parent.runId));
  return (
    <>
      <Disclosure title={t('kept.tree')} level={2}>
        <ul className={styles.changes}>
          {roots.map((run) => (
            <Node key={run.runId} run={run} runs={runs} own={own} />
          ))}
        </ul>
        <p className={styles.note}>{keptLimits(text)}</p>
      </Disclosure>
      {kept.next.length > 0 && <p className={styles.note}>{t('kept.next', { runs: namedRuns(kept.next, text) })}</p>}
    </>
  );
}

interface NodeProps {
  readonly run: KeptRun;
  readonly runs: readonly KeptRun[];
  readonly own: string | null;
}

function Node({ run, runs, own }: NodeProps) {
  const text = useText();
  const { t, loose, integer } = text;
  const isBusy = useKept((state) => state.isBusy);
  const { runId, name, parent, isElsewhere: isAway } = run;
  const children = runs.filter((other) => other.parent?.runId === runId);
  const isOrphan = !runs.some((other) => other.runId === parent?.runId);
  return (
    <li>
      <p>
        {t('kept.tree.run', { name, step: integer(run.step) })}{' '}
        {runId === own ? (
          <b>{t('kept.tree.here')}</b>
        ) : (
          <Button size="s" isDisabled={isBusy || isAway} onPress={() => void resumeKept(runId, false)}>
            {t('kept.tree.open', { name })}
          </Button>
        )}
      </p>
      {parent && (
        <p className={styles.note}>
          {[
            t(isOrphan ? 'kept.tree.orphan' : 'kept.tree.from', { step: integer(parent.step) }),
            ...parent.changed.map(
              ({ field, from, to }) =>
                `${loose(`field.${field}.label`)} ${fieldValueText(field, from, text)} → ${fieldValueText(field, to, text)}`,
            ),
          ].join(' · ')}
        </p>
      )}
      {children.length > 0 && (
        <ul className={styles.changes}>
          {children.map((child) => (
            <Node key={child.runId} run={child} runs={runs} own={own} />
          ))}
        </ul>
      )}
    </li>
  );
}
