// How often moments of a run are kept and in how much room, and what the browser has left.
import { useEffect, useState } from 'react';
import { Button } from '../../components/Button';
import { ChoiceField } from '../../components/ChoiceField';
import { Disclosure } from '../../components/Disclosure';
import { NumberField } from '../../components/NumberField';
import { useText } from '../../components/TextContext';
import { checkSnapshotSettings, SNAPSHOT_LIMITS, type SnapshotSettings } from '../../config/snapshotSettings';
import { useEngine } from '../../stores/engine';
import { setPreference, usePreferences } from '../../stores/preferences';
import { askToPersist, loadRoom, repeatSnapshotSettings, useTimeline } from '../../stores/timeline';
import styles from '../train/rail.module.css';

const NUMBERS = [
  { key: 'everyTokens', label: 'timeline.every', help: 'timeline.every.help' },
  { key: 'checkpointEvery', label: 'timeline.checkpoint', help: 'timeline.checkpoint.help' },
  { key: 'budgetMb', label: 'timeline.budget', help: 'timeline.budget.help' },
] as const;

type NumberKey = (typeof NUMBERS)[number]['key'];
/** What cannot be set, and why. */
type Refused = { readonly [Key in NumberKey]?: { readonly value: number; readonly why: string } | undefined };

const labelOf = (key: NumberKey) => NUMBERS.find((one) => one.key === key)!.label;

export function MomentSettings() {
  const { t, integer, significant } = useText();
  const [refused, setRefused] = useState<Refused>({});
  const settings = usePreferences((state) => state.snapshots);
  const set = (change: Partial<SnapshotSettings>): void => {
    setPreference({ snapshots: { ...settings, ...change } });
    void repeatSnapshotSettings();
  };
  /** What is wrong with a value; null: nothing. The setting stays as it was while there is something. */
  const fault = (key: NumberKey, value: number, typed = ''): string | null => {
    const checked = checkSnapshotSettings({ ...settings, [key]: value });
    if (checked.ok) return null;
    const { min, max } = SNAPSHOT_LIMITS[key];
    const shown = Number.isInteger(value) ? integer(value) : Number.isNaN(value) ? typed : significant(value, 6);
    const words = { field: t(labelOf(key)), value: shown === '' ? t('error.value.empty') : shown };
    if (!Number.isInteger(value)) return t('error.rule.integer', words);
    return t('error.rule.range', { ...words, min: integer(min), max: integer(max) });
  };
  return (
    <Disclosure title={t('timeline.settings')} onExpandedChange={(isOpen) => isOpen && void loadRoom()}>
      {NUMBERS.map(({ key, label, help }) => (
        <NumberField
          key={key}
          label={t(label)}
          help={t(help)}
          {...SNAPSHOT_LIMITS[key]}
          step={1}
          scale="linear"
          integer
          inputOnly
          value={refused[key]?.value ?? settings[key]}
          {...(refused[key] && { error: refused[key].why })}
          onChange={(value, typed) => {
            const why = fault(key, value, typed);
            setRefused((before) => ({ ...before, [key]: why === null ? undefined : { value, why } }));
            if (why === null) set({ [key]: value });
          }}
        />
      ))}
      <ChoiceField
        label={t('timeline.type')}
        help={t('timeline.type.help')}
        options={[
          { id: 'BF16', label: 'bfloat16' },
          { id: 'F32', label: 'float32' },
        ]}
        value={settings.type}
        onChange={(type) => set({ type })}
      />
      <Room />
    </Disclosure>
  );
}

function Room() {
  const { t, bytes } = useText();
  const room = useTimeline((state) => state.room);
  const isReady = useEngine(({ engine }) => engine.phase === 'ready');
  // Told anew with every moment that is kept or gives way.
  const kept = useTimeline(({ snapshots }) => snapshots?.rungs.length ?? 0);
  const runId = useTimeline(({ snapshots }) => snapshots?.runId ?? null);
  useEffect(() => {
    if (isReady) void loadRoom();
  }, [isReady, kept, runId]);
  const [isRefused, setRefused] = useState(false);
  if (!room) return null;
  const { usage, quota, isPersisted } = room;
  const lasting = isPersisted ? 'timeline.persisted' : isRefused ? 'timeline.persist.refused' : 'timeline.unpersisted';
  return (
    <>
      {usage !== null && quota !== null && (
        <p className={styles.note}>{t('timeline.room', { usage: bytes(usage), quota: bytes(quota) })}</p>
      )}
      {isPersisted !== null && (
        <p className={styles.note} role="status">
          {t(lasting)}
        </p>
      )}
      {isPersisted === false && (
        <Button size="s" onPress={() => void askToPersist().then((isGranted) => setRefused(!isGranted))}>
          {t('timeline.persist')}
        </Button>
      )}
    </>
  );
}
