// Interventions as chips: added by a form, taken away by a press, undone and redone; and in one line what they did.
import { useState } from 'react';
import { mean, sum } from '../../core/stats';
import { Button } from '../../components/Button';
import { Panel } from '../../components/Panel';
import { Select } from '../../components/Select';
import { useShortcuts } from '../../components/shortcuts';
import { useText } from '../../components/TextContext';
import type { TraceAnswer } from '../../protocol/lab';
import { redoIntervention, setInterventions, undoIntervention, useLab } from '../../stores/lab';
import { changeText, DRAFT_KINDS, interventionOf, namesExpert, type ChangeDraft } from './changeText';
import styles from './Lab.module.css';
import { useFirstLayer } from './shown';

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
      <ChangeForm
        answer={answer}
        firstLayer={firstLayer}
        onAdd={(draft) => setInterventions([...present, interventionOf(draft)])}
      />
      <Effect answer={answer} />
    </Panel>
  );
}

interface FormProps {
  readonly answer: TraceAnswer;
  readonly firstLayer: number;
  readonly onAdd: (draft: ChangeDraft) => void;
}

function ChangeForm({ answer, firstLayer, onAdd }: FormProps) {
  const { t } = useText();
  const { layers, experts, expertsPerToken } = answer.baseline;
  const [draft, setDraft] = useState<ChangeDraft>({ kind: 'zero', layer: null, expert: 0, count: 1 });
  const numbers = (from: number, count: number) =>
    Array.from({ length: count }, (_, at) => ({ id: String(from + at), label: String(from + at) }));
  const expert = Math.min(draft.expert, experts - 1);
  const count = Math.min(draft.count, experts);
  return (
    <div className={styles.form}>
      <Select
        label={t('lab.changes.kind')}
        options={DRAFT_KINDS.map((id) => ({ id, label: t(`lab.change.${id}`) }))}
        value={draft.kind}
        onChange={(kind) => setDraft({ ...draft, kind })}
      />
      {namesExpert(draft.kind) && (
        <Select
          label={t('lab.changes.expert')}
          options={numbers(0, experts)}
          value={String(expert)}
          onChange={(id) => setDraft({ ...draft, expert: Number(id) })}
        />
      )}
      {draft.kind === 'count' && (
        <Select
          label={t('lab.changes.count')}
          options={numbers(1, Math.min(experts, 2 * expertsPerToken))}
          value={String(count)}
          onChange={(id) => setDraft({ ...draft, count: Number(id) })}
        />
      )}
      <Select
        label={t('lab.changes.where')}
        options={[
          { id: 'all', label: t('lab.changes.everywhere') },
          ...Array.from({ length: layers }, (_, at) => ({ id: String(at), label: t('train.layer', { layer: firstLayer + at }) })),
        ]}
        value={draft.layer === null || draft.layer >= layers ? 'all' : String(draft.layer)}
        onChange={(id) => setDraft({ ...draft, layer: id === 'all' ? null : Number(id) })}
      />
      <Button tone="primary" onPress={() => onAdd({ ...draft, expert, count })}>
        {t('lab.changes.add')}
      </Button>
    </div>
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
