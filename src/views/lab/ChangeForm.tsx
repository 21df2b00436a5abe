// A change before it is made: what, to which experts, in which layers, for which tokens.
import { useState } from 'react';
import { Button } from '../../components/Button';
import { TextField } from '../../components/ChoiceField';
import { MultiSelect } from '../../components/MultiSelect';
import { NumberField } from '../../components/NumberField';
import { Select } from '../../components/Select';
import { useText } from '../../components/TextContext';
import type { Intervention } from '../../config/intervention';
import type { TraceAnswer } from '../../protocol/lab';
import { selectTokens, useSelection } from '../../stores/selection';
import { ASKED, DRAFT_KINDS, interventionsOf, type ChangeDraft } from './changeDraft';
import styles from './Lab.module.css';
import { shownTrace, useFirstLayer } from './shown';
import { parseRange, rangeText } from './tokenRange';

interface ChangeFormProps {
  readonly answer: TraceAnswer;
  readonly onAdd: (interventions: readonly Intervention[]) => void;
}

const FIRST: ChangeDraft = { kind: 'zero', layers: [], experts: [], instead: 1, count: 1, value: 0, seed: 1 };
const MAX_BIAS = 100;
const MAX_SEED = 0xffffffff;

export function ChangeForm({ answer, onAdd }: ChangeFormProps) {
  const { t, integer } = useText();
  const { layers, experts: E, expertsPerToken: K } = answer.baseline;
  const firstLayer = useFirstLayer(answer);
  const tokens = useSelection(({ tokenRange }) => tokenRange);
  const [draft, setDraft] = useState<ChangeDraft>(FIRST);
  const within = draft.layers.filter((layer) => layer < layers);
  const uses = usesOf(answer, within);
  const named = draft.experts.filter((expert) => expert < E);
  // Nothing chosen yet: the one with the most work.
  const experts = named.length > 0 ? named : [uses.indexOf(Math.max(...uses))];
  const instead = draft.instead < E && draft.instead !== experts[0] ? draft.instead : experts[0] === 0 ? 1 : 0;
  const most = Math.min(E, 2 * K);
  const asked = ASKED[draft.kind];
  const ready = { ...draft, layers: within, experts, instead, count: Math.min(draft.count, most) };
  const expertOptions = Array.from({ length: E }, (_, expert) => ({
    id: String(expert),
    label: String(expert),
    description: t('lab.changes.uses', { count: integer(uses[expert]!) }),
  }));
  return (
    <div className={styles.form}>
      <Select
        label={t('lab.changes.kind')}
        options={DRAFT_KINDS.map((id) => ({ id, label: t(`lab.change.${id}`) }))}
        value={draft.kind}
        onChange={(kind) => setDraft({ ...draft, kind })}
      />
      {(asked === 'experts' || asked === 'bias') && (
        <MultiSelect
          label={t('lab.changes.expert')}
          options={expertOptions}
          values={experts.map(String)}
          onChange={(ids) => setDraft({ ...draft, experts: ids.map(Number) })}
          none={t('lab.changes.busiest')}
        />
      )}
      {asked === 'swap' && (
        <>
          <Select
            label={t('lab.changes.expert')}
            options={expertOptions}
            value={String(experts[0])}
            onChange={(id) => setDraft({ ...draft, experts: [Number(id)] })}
          />
          <Select
            label={t('lab.changes.instead')}
            options={expertOptions.filter(({ id }) => Number(id) !== experts[0])}
            value={String(instead)}
            onChange={(id) => setDraft({ ...draft, instead: Number(id) })}
          />
        </>
      )}
      {asked === 'count' && (
        <Select
          label={t('lab.changes.count')}
          options={Array.from({ length: most }, (_, at) => ({ id: String(at + 1), label: String(at + 1) }))}
          value={String(ready.count)}
          onChange={(id) => setDraft({ ...draft, count: Number(id) })}
        />
      )}
      {asked === 'bias' && (
        <NumberField
          label={t('lab.changes.value')}
          min={-MAX_BIAS}
          max={MAX_BIAS}
          scale="linear"
          inputOnly
          value={draft.value}
          onChange={(value) => setDraft({ ...draft, value: clipped(value, -MAX_BIAS, MAX_BIAS) })}
        />
      )}
      {asked === 'seed' && (
        <NumberField
          label={t('lab.seed')}
          min={0}
          max={MAX_SEED}
          scale="linear"
          integer
          inputOnly
          value={draft.seed}
          onChange={(seed) => setDraft({ ...draft, seed: Math.round(clipped(seed, 0, MAX_SEED)) })}
        />
      )}
      <MultiSelect
        label={t('lab.changes.where')}
        options={Array.from({ length: layers }, (_, at) => ({
          id: String(at),
          label: t('train.layer', { layer: firstLayer + at }),
        }))}
        values={within.map(String)}
        onChange={(ids) => setDraft({ ...draft, layers: ids.map(Number) })}
        none={t('lab.changes.everywhere')}
      />
      <Tokens />
      <Button tone="primary" onPress={() => onAdd(interventionsOf(ready, tokens, answer.baseline))}>
        {t('lab.changes.add')}
      </Button>
    </div>
  );
}

const clipped = (value: number, min: number, max: number): number =>
  Number.isNaN(value) ? 0 : Math.min(max, Math.max(min, value));

/** How often each expert is chosen for this prompt in the layers named, or in all, [E]. */
function usesOf(answer: TraceAnswer, layers: readonly number[]): number[] {
  const { chosen, tokens, expertsPerToken, experts, layers: L } = shownTrace(answer);
  const uses = Array.from({ length: experts }, () => 0);
  for (const layer of layers.length > 0 ? layers : Array.from({ length: L }, (_, at) => at)) {
    const width = tokens * expertsPerToken;
    for (const expert of chosen.subarray(layer * width, (layer + 1) * width)) if (expert >= 0) uses[expert]!++;
  }
  return uses;
}

/** The tokens a change is for: typed here, or marked on the strip. */
function Tokens() {
  const { t } = useText();
  const range = useSelection(({ tokenRange }) => tokenRange);
  const [typed, setTyped] = useState<string | null>(null);
  const isWrong = typed !== null && parseRange(typed) === undefined;
  return (
    <div className={styles.short} onBlur={() => isWrong || setTyped(null)}>
      <TextField
        label={t('lab.changes.tokens')}
        placeholder={t('lab.changes.allTokens')}
        help={t('lab.changes.tokens.help')}
        value={typed ?? rangeText(range)}
        error={isWrong ? t('lab.changes.tokens.wrong') : undefined}
        onChange={(text) => {
          setTyped(text);
          const read = parseRange(text);
          if (read !== undefined) selectTokens(read);
        }}
      />
    </div>
  );
}
