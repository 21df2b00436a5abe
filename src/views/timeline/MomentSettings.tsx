// How often moments of a run are kept and in how much room, and what the browser has left.
import { useEffect } from 'react';
import { Button } from '../../components/Button';
import { ChoiceField } from '../../components/ChoiceField';
import { Disclosure } from '../../components/Disclosure';
import { NumberField } from '../../components/NumberField';
import { useText } from '../../components/TextContext';
import { SNAPSHOT_LIMITS, type SnapshotSettings } from '../../config/snapshotSettings';
import { useEngine } from '../../stores/engine';
import { setPreference, usePreferences } from '../../stores/preferences';
import { askToPersist, loadRoom, repeatSnapshotSettings, useTimeline } from '../../stores/timeline';
import styles from '../train/rail.module.css';

const NUMBERS = [
  { key: 'everyTokens', label: 'timeline.every', help: 'timeline.every.help' },
  { key: 'checkpointEvery', label: 'timeline.checkpoint', help: 'timeline.checkpoint.help' },
  { key: 'budgetMb', label: 'timeline.budget', help: 'timeline.budget.help' },
] as const;

export function MomentSettings() {
  const { t } = useText();
  const settings = usePreferences((state) => state.snapshots);
  const set = (change: Partial<SnapshotSettings>): void => {
    setPreference({ snapshots: { ...settings, ...change } });
    void repeatSnapshotSettings();
  };
  return (
    <Disclosure title={t('timeline.settings')}>
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
          value={settings[key]}
          onChange={(value) => {
            const { min, max } = SNAPSHOT_LIMITS[key];
            // What is no number leaves the setting as it was.
            if (Number.isFinite(value)) set({ [key]: Math.min(max, Math.max(min, Math.round(value))) });
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
  useEffect(() => {
    if (isReady) void loadRoom();
  }, [isReady]);
  if (!room) return null;
  const { usage, quota, isPersisted } = room;
  return (
    <>
      {usage !== null && quota !== null && (
        <p className={styles.note}>{t('timeline.room', { usage: bytes(usage), quota: bytes(quota) })}</p>
      )}
      {isPersisted !== null && <p className={styles.note}>{t(isPersisted ? 'timeline.persisted' : 'timeline.unpersisted')}</p>}
      {isPersisted === false && (
        <Button size="s" onPress={() => void askToPersist()}>
          {t('timeline.persist')}
        </Button>
      )}
    </>
  );
}
