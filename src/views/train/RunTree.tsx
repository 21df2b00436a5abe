// The runs this browser keeps as a tree: which went off from which, at what step, with what changed.
import { useEffect } from 'react';
import { Button } from '../../components/Button';
import { Disclosure } from '../../components/Disclosure';
import { useText } from '../../components/TextContext';
import { KEPT_RUNS } from '../../config/snapshotSettings';
import type { KeptRun } from '../../protocol/kept';
import { loadKept, useKept } from '../../stores/kept';
import { resumeKept } from '../../stores/resume';
import { runInfo, useRun } from '../../stores/run';
import { fieldChangeText } from './fieldValueText';
import styles from './rail.module.css';

export function RunTree() {
  const { t, integer } = useText();
  const runs = useKept((state) => state.kept.runs);
  const saved = useKept((state) => state.keeping?.saved ?? null);
  const own = useRun(({ run }) => runInfo(run)?.runId ?? null);
  const isResting = useRun(({ run }) => run.phase === 'paused');
  useEffect(() => {
    // A run that has been saved for the first time, or has come to rest, is in the list now.
    if (isResting && saved !== null) void loadKept();
  }, [isResting, saved, own]);
  // One that is offered above needs no list besides.
  if (runs.filter(({ runId }) => runId !== own).length < (own === null ? 2 : 1)) return null;
  const ids = new Set(runs.map(({ runId }) => runId));
  const roots = runs.filter(({ parent }) => !parent || !ids.has(parent.runId));
  return (
    <Disclosure title={t('kept.tree')} level={2}>
      <ul className={styles.changes}>
        {roots.map((run) => (
          <Node key={run.runId} run={run} runs={runs} own={own} />
        ))}
      </ul>
      <p className={styles.note}>{t('kept.tree.most', { count: integer(KEPT_RUNS) })}</p>
    </Disclosure>
  );
}

interface NodeProps {
  readonly run: KeptRun;
  readonly runs: readonly KeptRun[];
  readonly own: string | null;
}

function Node({ run, runs, own }: NodeProps) {
  const text = useText();
  const { t, integer } = text;
  const isBusy = useKept((state) => state.isBusy);
  const { runId, name, parent, isElsewhere } = run;
  const children = runs.filter((other) => other.parent?.runId === runId);
  const isOrphan = !runs.some((other) => other.runId === parent?.runId);
  return (
    <li>
      <p>
        {t('kept.tree.run', { name, step: integer(run.step) })}{' '}
        {runId === own ? (
          <b>{t('kept.tree.here')}</b>
        ) : (
          <Button size="s" isDisabled={isBusy || isElsewhere} onPress={() => void resumeKept(runId, false)}>
            {t('kept.tree.open', { name })}
          </Button>
        )}
      </p>
      {parent && (
        <p className={styles.note}>
          {[
            t(isOrphan ? 'kept.tree.orphan' : 'kept.tree.from', { step: integer(parent.step) }),
            ...parent.changed.map((change) => fieldChangeText(change, text)),
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
