// Play, pause, step, restart: what one does with a run. On a phone it stays at the bottom of the screen.
import { Button, IconButton } from '../../components/Button';
import { Menu } from '../../components/Menu';
import { useText } from '../../components/TextContext';
import { isBringingBack, useKept } from '../../stores/kept';
import { setPreference, usePreferences } from '../../stores/preferences';
import { isElsewhere, useRun } from '../../stores/run';
import { restart, step, togglePlay } from '../../stores/runActions';
import styles from './rail.module.css';

const STEP_COUNTS = [10, 50, 100, 500];

export function PlayCluster() {
  const { t, integer } = useText();
  const phase = useRun(({ run }) => run.phase);
  const isAway = useRun(({ run }) => isElsewhere(run));
  const stepCount = usePreferences((preferences) => preferences.stepCount);
  const training = phase === 'training';
  const isHeld = useKept(isBringingBack);
  const busy = phase === 'preparing' || isHeld;
  return (
    <div className={styles.cluster} role="group" aria-label={t('train.title')}>
      <div className={styles.clusterMain}>
        <Button
          tone="primary"
          size="l"
          icon={training ? 'pause' : 'play'}
          wide
          isDisabled={busy || isAway}
          onPress={() => void togglePlay()}
        >
          {t(training ? 'train.pause' : 'train.play')}
        </Button>
        <IconButton
          icon="step"
          label={t('train.step')}
          shortcut="S"
          size="l"
          tone="plain"
          isDisabled={busy || training || isAway}
          onPress={() => void step(1)}
        />
        <IconButton
          icon="restart"
          label={t('train.restart')}
          shortcut="R"
          size="l"
          tone="plain"
          isDisabled={busy || phase === 'none'}
          onPress={() => void restart()}
        />
      </div>
      <div className={styles.clusterMore}>
        <Button wide isDisabled={busy || training || isAway} onPress={() => void step(stepCount)}>
          {t('train.stepMany', { count: integer(stepCount) })}
        </Button>
        <Menu
          label={t('train.stepCount')}
          trigger={<IconButton icon="chevron" label={t('train.stepCount')} tone="plain" />}
          entries={STEP_COUNTS.map((count) => ({ id: String(count), label: t('train.stepMany', { count: integer(count) }) }))}
          selected={String(stepCount)}
          onAction={(id) => setPreference({ stepCount: Number(id) })}
        />
      </div>
    </div>
  );
}
