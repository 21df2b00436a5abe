// The backend badge of the header: what computes and why, in words; opens the choice of another.
import { useState, type ReactNode } from 'react';
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { Menu } from '../../components/Menu';
import { useText, type TextTools } from '../../components/TextContext';
import type { BackendChoice, BackendName } from '../../protocol/commands';
import { useEngine, type Engine } from '../../stores/engine';
import { runStep, useRun } from '../../stores/run';
import { changeBackend } from '../../stores/runActions';
import styles from './rail.module.css';

const CHOICES: readonly BackendChoice[] = ['auto', 'webgpu', 'webgpu-software', 'wasm', 'cpu'];

function badgeWords(engine: Engine, { t }: TextTools): ReactNode {
  switch (engine.phase) {
    case 'off':
      return t('train.backend.off');
    case 'booting':
      return t('train.backend.booting');
    case 'failed':
      return t('train.backend.failed');
    case 'ready':
      return (
        <span>
          {t(`train.backend.${engine.info.backend}`)}
          <span className={styles.reason}> · {t(`train.backend.reason.${engine.info.reason}`)}</span>
        </span>
      );
  }
}

/** Asked when needed, not followed: the menu has no business with every step. */
const stepsNow = (): number => runStep(useRun.getState().run);

export function BackendMenu() {
  const text = useText();
  const { t, integer } = text;
  const { engine, choice } = useEngine();
  const [asked, setAsked] = useState<BackendChoice | null>(null);
  const available = engine.phase === 'ready' ? engine.info.available : null;
  const missing = (id: BackendChoice): boolean =>
    id !== 'auto' && available !== null && !available.includes(id satisfies BackendName);
  const change = (next: BackendChoice): void => {
    setAsked(null);
    void changeBackend(next);
  };
  return (
    <>
      <Menu
        label={t('train.backend.choose')}
        trigger={
          <Button size="s" tone={engine.phase === 'failed' ? 'danger' : 'quiet'} icon="chip">
            {badgeWords(engine, text)}
          </Button>
        }
        entries={CHOICES.map((id) => ({
          id,
          label: t(`train.backend.${id}`),
          description: t(missing(id) ? 'train.backend.unavailable' : `train.backend.${id}.note`),
          isDisabled: missing(id),
        }))}
        selected={choice}
        onAction={(id) => {
          const next = CHOICES.find((candidate) => candidate === id);
          if (!next) return;
          if (stepsNow() > 0) setAsked(next);
          else change(next);
        }}
      />
      {asked && (
        <Dialog
          title={t('train.backend.restart.title', { backend: t(`train.backend.${asked}`) })}
          isOpen
          onClose={() => setAsked(null)}
          actions={
            <>
              <Button onPress={() => setAsked(null)}>{t('components.cancel')}</Button>
              <Button tone="primary" onPress={() => change(asked)}>
                {t('train.backend.restart.do')}
              </Button>
            </>
          }
        >
          <p>{t('train.backend.restart.body', { steps: integer(stepsNow()) })}</p>
        </Dialog>
      )}
    </>
  );
}
