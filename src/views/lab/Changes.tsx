// Interventions as chips: added by a form, taken away by a press, undone and redone; and in one line what they did.
import { mean, sum } from '../../core/stats';
import { Button } from '../../components/Button';
import { Panel } from '../../components/Panel';
import { useShortcuts } from '../../components/shortcuts';
import { useText } from '../../components/TextContext';
import type { TraceAnswer } from '../../protocol/lab';
import { redoIntervention, setInterventions, undoIntervention, useLab } from '../../stores/lab';
import { engineErrorText } from '../train/errorText';
import { BiasEditor } from './BiasEditor';
import { ChangeForm } from './ChangeForm';
import { changeText } from './changeText';
import styles from './Lab.module.css';
import { isAboutChanges, useFirstLayer } from './shown';

export function Changes({ answer }: { readonly answer: TraceAnswer }) {
  const text = useText();
  const { t } = text;
  const { past, present, future } = useLab((state) => state.interventions);
  const firstLayer = useFirstLayer(answer);
  useShortcuts(t('app.view.lab'), [
    { key: 'u', label: t('lab.changes.undo'), run: undoIntervention },
    { key: 'r', label: t('lab.changes.redo'), run: redoIntervention },
  ]);
  return (
    <Panel
      title={t('lab.changes.title')}
      fixed
      actions={
        <>
          <Button size="s" isDisabled={past.length === 0} onPress={undoIntervention}>
            {t('lab.changes.undo')}
          </Button>
          <Button size="s" isDisabled={future.length === 0} onPress={redoIntervention}>
            {t('lab.changes.redo')}
          </Button>
        </>
      }
    >
      <div className={styles.line}>
        {present.length === 0 && <p className={styles.quiet}>{t('lab.changes.none')}</p>}
        {present.map((one, index) => {
          const words = changeText(one, firstLayer, text);
          return (
            <Button
              key={index}
              size="s"
              icon="close"
              aria-label={t('lab.changes.remove', { change: words })}
              onPress={() => setInterventions(present.filter((_, at) => at !== index))}
            >
              {words}
            </Button>
          );
        })}
      </div>
      <ChangeForm answer={answer} onAdd={(more) => setInterventions([...present, ...more])} />
      <Refusal />
      <Effect answer={answer} />
      <BiasEditor answer={answer} />
    </Panel>
  );
}

/** Why the changes as they stand cannot be. */
function Refusal() {
  const text = useText();
  const asked = useLab((state) => state.asked);
  if (asked.phase !== 'failed' || !isAboutChanges(asked.error)) return null;
  return (
    <p role="alert" className={styles.refusal}>
      {text.t('lab.failed', { error: engineErrorText(asked.error, text) })}
    </p>
  );
}

/** What the changes did to this prompt. */
function Effect({ answer: { baseline, changed } }: { readonly answer: TraceAnswer }) {
  const { t, fixed, signed, integer } = useText();
  if (!changed || baseline.tokens < 2) return null;
  const before = mean(baseline.surprise.subarray(1));
  const after = mean(changed.trace.surprise.subarray(1));
  return (
    <p role="status" className={styles.effect}>
      {t('lab.effect', {
        before: fixed(before, 3),
        after: fixed(after, 3),
        change: signed(after - before, 4),
        moved: integer(sum(changed.moved)),
        choices: integer(changed.trace.chosen.filter((expert) => expert >= 0).length),
        divergence: fixed(changed.divergence.at(-1)!, 4),
      })}
    </p>
  );
}
