// How large the model is and how fast it learns, before and while it runs.
import { useMemo } from 'react';
import { memoryEstimate } from '../../analysis/memory';
import { COMPONENTS, modelSize } from '../../analysis/modelSize';
import { Figure, FigureList } from '../../components/Badge';
import { Bars } from '../../components/Bars';
import type { Bar } from '../../components/BarsDrawing';
import { categoryColor } from '../../components/color';
import { Disclosure } from '../../components/Disclosure';
import { Panel } from '../../components/Panel';
import { useText } from '../../components/TextContext';
import { useConfig, waitingForRestart } from '../../stores/config';
import { runInfo, useRun } from '../../stores/run';
import { medianStepMs, useScalars } from '../../stores/scalars';
import { useShards } from './useShards';
import styles from './rail.module.css';

export function ModelFacts() {
  const { t, compact, bytes } = useText();
  const draft = useConfig((state) => state.draft);
  const running = useConfig((state) => state.running);
  const invalid = useConfig((state) => state.errors.length > 0);
  const config = invalid && running ? running : draft;
  const size = useMemo(() => modelSize(config.model), [config]);
  const shards = useShards(config.train);
  const memory = useMemo(() => memoryEstimate(config.model, { ...config.train, shards }), [config, shards]);
  const present = COMPONENTS.filter((component) => size.total[component] > 0);
  const bars = useMemo(
    () =>
      COMPONENTS.flatMap((component, index): Bar[] => {
        const value = size.total[component];
        if (value === 0) return [];
        const label = t(`train.component.${component}`);
        const part = size.active[component];
        return [{ id: component, label, value, part, text: compact(value), color: categoryColor(index), texture: 'solid' }];
      }),
    [size, t, compact],
  );
  const ofDraft = !invalid && waitingForRestart({ draft, running }).length > 0;
  return (
    <section className={styles.block}>
      <h2 className={styles.blockTitle}>{t('train.model')}</h2>
      {ofDraft && <p className={styles.note}>{t('train.model.ofDraft')}</p>}
      <FigureList>
        <Figure label={t('train.model.total')} value={compact(size.totalParameters)} />
        <Figure label={t('train.model.active')} value={compact(size.activeParameters)} />
        <Figure label={t('train.model.memory')} value={bytes(memory.total)} />
      </FigureList>
      <Disclosure title={t('train.model.where')}>
        <Panel
          title={t('train.model.components')}
          subtitle={t('train.model.components.subtitle', {
            total: compact(size.totalParameters),
            active: compact(size.activeParameters),
          })}
          level={4}
          exportName="parameters"
          table={() => ({
            caption: t('train.model.components'),
            columns: [t('train.model.component'), t('train.model.total'), t('train.model.active')],
            rows: present.map((component) => [t(`train.component.${component}`), size.total[component], size.active[component]]),
          })}
        >
          <Bars
            bars={bars}
            names={108}
            legend={[
              { texture: 'solid', label: t('train.model.used') },
              { texture: 'striped', label: t('train.model.unused') },
            ]}
            ariaLabel={t('train.model.components')}
          />
        </Panel>
        <p className={styles.note}>
          {t('train.model.memory.note', {
            parameters: bytes(memory.parameters),
            gradients: bytes(memory.gradients),
            optimizer: bytes(memory.optimizer),
            activations: bytes(memory.activations),
          })}
        </p>
      </Disclosure>
    </section>
  );
}

export function Pace() {
  const { t, compact, duration, fixed, integer } = useText();
  const latest = useScalars((state) => state.latest);
  const info = useRun((state) => runInfo(state.run));
  if (!latest || !info) return null;
  const stepMs = medianStepMs();
  const { batchSize, sequenceLength } = info.config.train;
  return (
    <section className={styles.block}>
      <h2 className={styles.blockTitle}>{t('train.pace')}</h2>
      <FigureList>
        <Figure
          label={t('train.pace.speed')}
          value={integer((batchSize * sequenceLength * 1000) / stepMs)}
          unit={t('train.pace.speed.unit')}
        />
        <Figure label={t('train.pace.step')} value={duration(stepMs)} />
        {latest.workers > 1 && <Figure label={t('train.pace.workers')} value={integer(latest.workers)} />}
        <Figure label={t('train.pace.tokens')} value={compact(latest.tokensSeen)} />
        <Figure
          label={t('train.pace.epoch')}
          value={fixed(latest.epoch, 2)}
          unit={t('train.pace.epoch.unit', { tokens: compact(info.epochTokens) })}
        />
      </FigureList>
    </section>
  );
}
