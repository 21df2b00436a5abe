// What computes, how fast, and what it holds.
import { Figure, FigureList } from '../../components/Badge';
import { useText } from '../../components/TextContext';
import { NO_VALUE } from '../../text/format';
import { useEngine } from '../../stores/engine';
import { runInfo, useRun } from '../../stores/run';
import { medianStepMs, useScalars } from '../../stores/scalars';
import { useStepTraces } from '../../stores/stepTraces';
import styles from './Diagnostics.module.css';

/** Bytes of this page's JavaScript heap, where the browser tells. */
function pageHeapBytes(): number | null {
  const { memory } = performance as { readonly memory?: { readonly usedJSHeapSize: number } };
  return memory?.usedJSHeapSize ?? null;
}

export function MachineFacts() {
  const { t, integer, bytes, duration } = useText();
  const engine = useEngine((state) => state.engine);
  const latest = useScalars((state) => state.latest);
  const memory = useStepTraces((state) => state.memory);
  const train = useRun(({ run }) => runInfo(run)?.config.train);
  const info = engine.phase === 'ready' ? engine.info : null;
  const stepMs = latest ? medianStepMs() : NaN;
  const told = (value: number | null | undefined): string => (value === null || value === undefined ? NO_VALUE : bytes(value));
  return (
    <div className={styles.facts}>
      <section>
        <h2>{t('diagnostics.engine')}</h2>
        <FigureList>
          <Figure label={t('diagnostics.backend')} value={info ? t(`train.backend.${info.backend}`) : t('train.backend.off')} />
          <Figure label={t('diagnostics.why')} value={info ? t(`train.backend.reason.${info.reason}`) : NO_VALUE} />
          <Figure label={t('diagnostics.device')} value={info?.device || t('diagnostics.device.none')} />
        </FigureList>
        {info && (
          <p className={styles.lead}>
            {t('diagnostics.available', { backends: info.available.map((backend) => t(`train.backend.${backend}`)).join(' · ') })}
          </p>
        )}
      </section>
      <section>
        <h2>{t('train.pace')}</h2>
        <FigureList>
          <Figure
            label={t('train.pace.speed')}
            value={train && latest ? integer((train.batchSize * train.sequenceLength * 1000) / stepMs) : NO_VALUE}
            unit={t('train.pace.speed.unit')}
          />
          <Figure label={t('train.pace.step')} value={latest ? duration(stepMs) : NO_VALUE} />
          <Figure label={t('train.pace.workers')} value={latest ? integer(latest.workers) : NO_VALUE} />
        </FigureList>
      </section>
      <section>
        <h2>{t('diagnostics.memory')}</h2>
        <FigureList>
          <Figure label={t('diagnostics.tensors')} value={memory ? integer(memory.tensors) : NO_VALUE} />
          <Figure label={t('diagnostics.tensorBytes')} value={told(memory?.tensorBytes)} />
          <Figure
            label={t(info?.backend === 'wasm' ? 'diagnostics.taken.wasm' : 'diagnostics.taken.gpu')}
            value={told(memory?.takenBytes)}
          />
          <Figure label={t('diagnostics.pageHeap')} value={told(pageHeapBytes())} />
        </FigureList>
      </section>
    </div>
  );
}
