// Every hyperparameter, grouped, with its meaning and limits, and whether a change acts now or waits for a restart.
import { memo, useId, useState } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { Badge } from '../../components/Badge';
import { Button } from '../../components/Button';
import { ChoiceField, SwitchField } from '../../components/ChoiceField';
import { Disclosure } from '../../components/Disclosure';
import { Field as FieldFrame, type FieldProps } from '../../components/Field';
import { Notice } from '../../components/Notice';
import { Select } from '../../components/Select';
import { NumberField } from '../../components/NumberField';
import { Switch } from '../../components/Switch';
import { useText } from '../../components/TextContext';
import { FIELD_GROUPS, FIELDS, fieldValue, sameValue, type Field, type FieldGroup } from '../../config/fields';
import { AUTOMATIC_SHARDS } from '../../config/shards';
import { discardEdits, useConfig, waitingForRestart } from '../../stores/config';
import { useCorpus } from '../../stores/corpus';
import { useEngine } from '../../stores/engine';
import { isBringingBack, useKept } from '../../stores/kept';
import { setPreference, usePreferences } from '../../stores/preferences';
import { editField, restart, setWorkers } from '../../stores/runActions';
import { fieldErrorText } from './errorText';
import { inRange, isNumeric, rangeIn } from './fieldRange';
import { Exchange } from '../exchange/Exchange';
import { MomentSettings } from '../timeline/MomentSettings';
import { RunFile } from './RunFile';
import { RunRecord } from './RunRecord';
import { useShards } from './useShards';
import styles from './rail.module.css';

/** Ranges so wide that a slider says nothing. */
const TYPED_ONLY: ReadonlySet<string> = new Set([
  'train.seed',
  'train.stableSteps',
  'train.decaySteps',
  'train.warmupSteps',
  'train.validationEvery',
  'train.sampleEvery',
]);

/** What a number of shards that is left open comes to. */
function useShardsHere(): string {
  const { t, integer } = useText();
  const batchSize = useConfig(({ draft }) => draft.train.batchSize);
  return t('train.shards.here', { count: integer(useShards({ batchSize, shards: AUTOMATIC_SHARDS })) });
}

const FieldControl = memo(function FieldControl({ field }: { readonly field: Field }) {
  const text = useText();
  const { loose, t } = text;
  const value = useConfig(({ draft }) => fieldValue(draft, field));
  const changed = useConfig(
    ({ draft, running }) => running !== null && !sameValue(fieldValue(draft, field), fieldValue(running, field)),
  );
  const shardsHere = useShardsHere();
  const [typed, setTyped] = useState('');
  const range = useConfig(useShallow(({ draft }) => (isNumeric(field) ? rangeIn(draft, field) : null)));
  const error = useConfig(({ errors }) => errors.find((candidate) => candidate.field === field.path));
  const domains = useCorpus(({ corpus }) => (corpus.phase === 'ready' ? corpus.info.domains : null));
  const frame: FieldProps = {
    label: loose(`field.${field.path}.label`),
    help: loose(`field.${field.path}.help`),
    unit: field.path === 'train.shards' && value === AUTOMATIC_SHARDS ? shardsHere : undefined,
    codeName: field.codeName,
    applies: field.applies,
    changed,
    error: error && fieldErrorText(range ? inRange(error, range) : error, text, typed),
  };
  switch (field.kind) {
    case 'integer':
    case 'number':
      return (
        <NumberField
          {...frame}
          {...range!}
          step={field.step}
          scale={field.scale}
          integer={field.kind === 'integer'}
          inputOnly={TYPED_ONLY.has(field.path)}
          value={Number(value)}
          onChange={(next, asTyped = '') => {
            setTyped(asTyped);
            void editField(field, next);
          }}
        />
      );
    case 'boolean':
      return <SwitchField {...frame} value={value === true} onChange={(next) => void editField(field, next)} />;
    case 'choice':
      return (
        <ChoiceField
          {...frame}
          value={String(value)}
          options={field.options.map((id) => ({ id, label: loose(`field.${field.path}.option.${id}`) }))}
          onChange={(next) => void editField(field, next)}
        />
      );
    case 'names': {
      const chosen = Array.isArray(value) ? value : [];
      return (
        <FieldFrame {...frame}>
          {() => (
            <div className={styles.names}>
              {(domains ?? chosen).map((domain) => (
                <Switch
                  key={domain}
                  isSelected={chosen.includes(domain)}
                  onChange={(on) => void editField(field, on ? [...chosen, domain] : chosen.filter((other) => other !== domain))}
                >
                  {domain}
                </Switch>
              ))}
              {chosen.length === 0 && <p className={styles.note}>{t('train.domains.all')}</p>}
            </div>
          )}
        </FieldFrame>
      );
    }
  }
});

function Group({ group }: { readonly group: FieldGroup }) {
  const { loose, t } = useText();
  const fields = FIELDS.filter((field) => field.group === group);
  const errors = useConfig((state) => state.errors.filter((error) => fields.some(({ path }) => path === error.field)).length);
  const changed = useConfig(({ draft, running }) =>
    running ? fields.filter((field) => !sameValue(fieldValue(draft, field), fieldValue(running, field))).length : 0,
  );
  return (
    <Disclosure
      title={loose(`field.group.${group}`)}
      aside={
        errors > 0 ? (
          <Badge tone="danger">
            {errors} {t('train.settings.errors')}
          </Badge>
        ) : changed > 0 ? (
          <Badge tone="caution">
            {changed} {t('train.settings.changed')}
          </Badge>
        ) : undefined
      }
    >
      {fields.map((field) => (
        <FieldControl key={field.path} field={field} />
      ))}
    </Disclosure>
  );
}

/** Says what waits for a restart, and offers it. */
export function WaitingChanges() {
  const { t, loose, integer } = useText();
  const draft = useConfig((state) => state.draft);
  const running = useConfig((state) => state.running);
  const isHeld = useKept(isBringingBack);
  const waiting = waitingForRestart({ draft, running });
  if (waiting.length === 0) return null;
  const fields =
    waiting
      .slice(0, 4)
      .map((field) => loose(`field.${field.path}.label`))
      .join(', ') + (waiting.length > 4 ? ', …' : '');
  return (
    <Notice
      title={t(waiting.length === 1 ? 'train.settings.waiting' : 'train.settings.waiting.many', {
        count: integer(waiting.length),
        fields,
      })}
      actions={
        <>
          <Button size="s" tone="primary" isDisabled={isHeld} onPress={() => void restart()}>
            {t('train.settings.restart')}
          </Button>
          <Button size="s" onPress={discardEdits}>
            {t('train.settings.discard')}
          </Button>
        </>
      }
    />
  );
}

const WORKER_COUNTS = [0, 1, 2, 3, 4, 6, 8];

function Workers() {
  const { t, integer } = useText();
  const workers = usePreferences((preferences) => preferences.workers);
  const runsOnProcessor = useEngine(({ engine }) => engine.phase !== 'ready' || engine.info.backend === 'wasm');
  const help = useId();
  if (!runsOnProcessor) return null;
  return (
    <div className={styles.workers}>
      <Select
        label={t('train.workers')}
        describedBy={help}
        options={WORKER_COUNTS.map((count) => ({
          id: String(count),
          label: count === 0 ? t('train.workers.automatic') : integer(count),
        }))}
        value={String(workers)}
        onChange={(count) => void setWorkers(Number(count))}
      />
      <p id={help} className={styles.note}>
        {t('train.workers.help')}
      </p>
    </div>
  );
}

export function Settings() {
  const { t } = useText();
  const pauseWhenHidden = usePreferences((preferences) => preferences.pauseWhenHidden);
  return (
    <section className={styles.block}>
      <h2 className={styles.blockTitle}>{t('train.settings')}</h2>
      {FIELD_GROUPS.map((group) => (
        <Group key={group} group={group} />
      ))}
      <RunRecord />
      <RunFile />
      <MomentSettings />
      <Exchange />
      <Workers />
      <Switch isSelected={pauseWhenHidden} onChange={(on) => setPreference({ pauseWhenHidden: on })}>
        {t('train.pauseWhenHidden')}
      </Switch>
    </section>
  );
}
