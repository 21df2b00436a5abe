// Layer × expert: the shares of this prompt beside those of the held-out text, on one scale.
import { useMemo } from 'react';
import { loadShares, layerRow } from '../../analysis/load';
import { promptLoad } from '../../analysis/promptTrace';
import { max } from '../../core/stats';
import { Button } from '../../components/Button';
import { Heatmap } from '../../components/Heatmap';
import { Panel } from '../../components/Panel';
import { ProgressBar } from '../../components/Progress';
import { useText } from '../../components/TextContext';
import type { TraceAnswer } from '../../protocol/lab';
import { cancelHeldOut, measureHeldOut, useHeldOut, useHeldOutLoad } from '../../stores/heldOut';
import { engineErrorText } from '../train/errorText';
import styles from './Compare.module.css';
import { shownTrace } from './shown';
import { useCellLink } from './useCellLink';

export function Cumulative({ answer }: { readonly answer: TraceAnswer }) {
  const text = useText();
  const { t, percent, integer } = text;
  const link = useCellLink();
  const heldOut = useHeldOutLoad(answer.model);
  const trace = shownTrace(answer);
  const { layers, experts, tokens } = trace;
  const { firstLayer } = answer;
  const maps = useMemo(() => {
    const fits = heldOut?.load.length === layers * experts;
    const prompt = sharesByLayer(promptLoad(trace), layers, experts);
    const average = fits ? sharesByLayer(heldOut.load, layers, experts) : null;
    return { prompt, average, end: Math.max(max(prompt), average ? max(average) : 0), version: ++drawings };
  }, [trace, heldOut, layers, experts]);
  const { prompt, average, end, version } = maps;
  const shared = {
    ...link,
    rows: layers,
    columns: experts,
    version,
    rowLabel: (row: number) => t('train.layer', { layer: firstLayer + row }),
    columnLabel: (expert: number) => t('train.expert', { expert }),
    columnAxis: t('compare.column.expert'),
    scale: 'diverging' as const,
    domain: [0, 1 / experts, Math.max(end, 1.001 / experts)] as const,
    format: (share: number) => percent(share, 1),
  };
  const promptLabel = t('maps.cumulative.prompt', { tokens: integer(tokens - 1) });
  const heldOutLabel = heldOut ? t('maps.cumulative.heldOut', { step: integer(heldOut.step) }) : '';
  return (
    <Panel
      title={t('maps.cumulative.title')}
      subtitle={t('maps.cumulative.subtitle', { fair: percent(1 / experts, 1) })}
      exportName="experts-used"
      table={() => ({
        caption: t('maps.cumulative.title'),
        columns: [
          t('compare.column.layer'),
          t('compare.column.expert'),
          t('maps.cumulative.column.prompt'),
          t('maps.cumulative.column.heldOut'),
        ],
        rows: Array.from(prompt, (share, at) => [
          firstLayer + Math.floor(at / experts),
          at % experts,
          share,
          average?.[at] ?? '–',
        ]),
      })}
    >
      <div className={styles.beside}>
        <section>
          <h3>{promptLabel}</h3>
          <Heatmap
            {...shared}
            values={prompt}
            ariaLabel={promptLabel}
            detail={
              average
                ? ({ row, column }) => t('maps.cumulative.other', { share: percent(average[row * experts + column]!, 1) })
                : undefined
            }
          />
        </section>
        <section>
          {average ? (
            <>
              <h3>{heldOutLabel}</h3>
              <Heatmap {...shared} values={average} ariaLabel={heldOutLabel} />
            </>
          ) : (
            <NotMeasured answer={answer} />
          )}
        </section>
      </div>
    </Panel>
  );
}

let drawings = 0;

function sharesByLayer(load: Float32Array, layers: number, experts: number): Float32Array {
  const shares = new Float32Array(layers * experts);
  for (let layer = 0; layer < layers; layer++) shares.set(loadShares(layerRow(load, layer, experts)), layer * experts);
  return shares;
}

function NotMeasured({ answer }: { readonly answer: TraceAnswer }) {
  const text = useText();
  const { t } = text;
  const { work } = useHeldOut();
  if (work.phase === 'measuring')
    return <ProgressBar label={t('maps.cumulative.measuring')} share={work.share} onCancel={cancelHeldOut} />;
  return (
    <div className={styles.unmeasured}>
      <p className={styles.quiet}>{t('maps.cumulative.none')}</p>
      <Button onPress={() => void measureHeldOut(answer.model)}>{t('maps.cumulative.measure')}</Button>
      {work.phase === 'failed' && (
        <p role="alert" className={styles.quiet}>
          {t('lab.failed', { error: engineErrorText(work.error, text) })}
        </p>
      )}
    </div>
  );
}
