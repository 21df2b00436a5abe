// What the model loses without each expert, with other numbers of experts, with only the busiest: measured on held-out or other text.
import { useState } from 'react';
import type { CurvePoint } from '../../analysis/sweeps';
import { max } from '../../core/stats';
import { Button } from '../../components/Button';
import type { TableData } from '../../components/DataTable';
import { Heatmap } from '../../components/Heatmap';
import type { CellRef } from '../../components/gridCursor';
import { Panel } from '../../components/Panel';
import { PanelCaptionContext } from '../../components/panelCaption';
import { ProgressBar } from '../../components/Progress';
import { Segmented } from '../../components/Segmented';
import { useText } from '../../components/TextContext';
import type { SweepAnswer } from '../../protocol/lab';
import { useOwnPrompts } from '../../stores/ownPrompts';
import { cancelSweep, sweep, useSweep, type SweepKind, type SweepPart } from '../../stores/sweep';
import { standing } from '../../stores/textChoice';
import { engineErrorText } from '../train/errorText';
import styles from './Lab.module.css';
import { SweepCurve } from './SweepCurve';
import { sweepText } from './sweepText';
import { HELD_OUT, SweepTexts } from './SweepTexts';
import { useSweepCaption } from './useCaption';

const KINDS: readonly SweepKind[] = ['experts', 'expertsPerToken', 'busiest'];
const TOKENS = ['1024', '4096', '24000'] as const;

export function Sweeps() {
  const text = useText();
  const { t, duration, integer } = text;
  const { work, answer, part: asked } = useSweep();
  const own = useOwnPrompts(({ prompts }) => prompts.length);
  const [kind, setKind] = useState<SweepKind>('experts');
  const [tokens, setTokens] = useState<(typeof TOKENS)[number]>('1024');
  const [wanted, setPart] = useState<SweepPart>(HELD_OUT);
  const part = standing(wanted, own);
  const words = answer ? sweepText(answer, asked, own, text) : t('lab.sweep.lead');
  const caption = useSweepCaption(answer, words);
  return (
    <PanelCaptionContext value={caption}>
      <Panel
        title={t('lab.sweep.title')}
        subtitle={words}
        table={answer ? () => tableOf(answer, text) : undefined}
        exportName={answer ? 'sweep' : undefined}
      >
        <div className={styles.line} data-export="no">
          <Segmented
            label={t('lab.sweep.kind')}
            options={KINDS.map((id) => ({ id, label: t(`lab.sweep.${id}`) }))}
            value={kind}
            onChange={setKind}
          />
          {part.kind === 'heldOut' && (
            <Segmented
              label={t('lab.sweep.tokens')}
              options={TOKENS.map((id) => ({ id, label: integer(Number(id)) }))}
              value={tokens}
              onChange={setTokens}
            />
          )}
          <SweepTexts part={part} onChange={setPart} />
          <Button isDisabled={work.phase === 'running'} onPress={() => void sweep(kind, part, Number(tokens))}>
            {t('lab.sweep.start')}
          </Button>
        </div>
        {work.phase === 'running' && (
          <ProgressBar
            label={t('train.progress.sweeping')}
            share={work.share}
            detail={work.leftMs === null ? undefined : t('lab.sweep.left', { time: duration(work.leftMs) })}
            onCancel={cancelSweep}
          />
        )}
        {work.phase === 'failed' && (
          <p role="alert" className={styles.quiet}>
            {t('lab.failed', { error: engineErrorText(work.error, text) })}
          </p>
        )}
        {answer && (answer.sweep === 'experts' ? <Maps answer={answer} /> : <SweepCurve answer={answer} />)}
      </Panel>
    </PanelCaptionContext>
  );
}

type MapAnswer = Extract<SweepAnswer, { readonly sweep: 'experts' }>;

/** Change of the loss by layer and expert, one kind of ablation at a time. */
function Maps({ answer }: { readonly answer: MapAnswer }) {
  const { t, signed, fixed, percent } = useText();
  const [mode, setMode] = useState(answer.maps[0]!.mode);
  const [hovered, setHovered] = useState<CellRef | null>(null);
  const map = answer.maps.find((one) => one.mode === mode) ?? answer.maps[0]!;
  const { layers, experts, firstLayer } = answer;
  const end = Math.max(1e-4, max(map.mean.map(Math.abs)));
  const at = ({ row, column }: CellRef): number => row * experts + column;
  const layerLoad = (row: number): number => answer.load.subarray(row * experts, (row + 1) * experts).reduce((a, b) => a + b, 0);
  const axes = {
    rows: layers,
    columns: experts,
    rowLabel: (row: number) => t('train.layer', { layer: firstLayer + row }),
    columnLabel: (expert: number) => t('train.expert', { expert }),
    columnAxis: t('lab.decision.expert'),
    scale: 'diverging',
    hovered,
    onHover: setHovered,
  } as const;
  return (
    <>
      <div className={styles.line}>
        <Segmented
          label={t('lab.sweep.mode')}
          options={answer.maps.map(({ mode: id }) => ({ id, label: t(`lab.sweep.mode.${id}`) }))}
          value={map.mode}
          onChange={setMode}
        />
        <p className={styles.quiet}>{t('lab.sweep.loss', { loss: fixed(answer.loss, 4) })}</p>
      </div>
      <div className={styles.halves}>
        <div>
          <h3>{t('lab.sweep.map')}</h3>
          <Heatmap
            {...axes}
            values={(row, column) => map.mean[row * experts + column]!}
            version={answer.maps.indexOf(map) + answer.step}
            domain={[-end, 0, end]}
            format={(value) => signed(value, 4)}
            ariaLabel={t('lab.sweep.map')}
            detail={(cell) =>
              t('lab.sweep.cell', {
                low: signed(map.low[at(cell)]!, 4),
                high: signed(map.high[at(cell)]!, 4),
                share: percent(answer.load[at(cell)]! / layerLoad(cell.row), 1),
              })
            }
          />
        </div>
        <div>
          <h3>{t('lab.sweep.loadMap')}</h3>
          <Heatmap
            {...axes}
            values={(row, column) => (answer.load[row * experts + column]! * experts) / layerLoad(row)}
            version={answer.step}
            domain={[0, 1, 2]}
            format={(value) => fixed(value, 2)}
            ariaLabel={t('lab.sweep.loadMap')}
          />
        </div>
      </div>
    </>
  );
}

function tableOf(
  answer: SweepAnswer,
  { t, percent, integer, signed }: Pick<ReturnType<typeof useText>, 't' | 'percent' | 'integer' | 'signed'>,
): TableData {
  const interval = (low: number, high: number) => (Number.isNaN(low) ? '–' : `${signed(low, 4)} … ${signed(high, 4)}`);
  const ends = [t('lab.sweep.change'), t('lab.sweep.interval')];
  if (answer.sweep === 'experts') {
    const { experts, load, firstLayer } = answer;
    return {
      caption: t('lab.sweep.map'),
      columns: [t('lab.layer'), t('lab.decision.expert'), t('lab.sweep.mode'), t('lab.sweep.load'), ...ends],
      rows: answer.maps.flatMap(({ mode, mean, low, high }) =>
        Array.from(mean, (change, at) => [
          firstLayer + Math.floor(at / experts),
          at % experts,
          t(`lab.sweep.mode.${mode}`),
          load[at]!,
          change,
          interval(low[at]!, high[at]!),
        ]),
      ),
    };
  }
  const value = (point: CurvePoint) => (answer.sweep === 'busiest' ? percent(point.value, 1) : integer(point.value));
  return {
    caption: t(`lab.sweep.${answer.sweep}`),
    columns: [t(answer.sweep === 'busiest' ? 'lab.sweep.kept' : 'lab.changes.count'), t('lab.sweep.nats'), ...ends],
    rows: answer.points.map((point) => [
      value(point),
      point.loss,
      point.change.mean,
      interval(point.change.low, point.change.high),
    ]),
  };
}
