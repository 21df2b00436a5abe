// Is the optimizer well: gradient norm against its clip line, share of clipped steps, learning rate, attention logits.
import { decimate } from '../../analysis/history';
import { Figure, FigureList } from '../../components/Badge';
import { LiveChart } from '../../components/LiveChart';
import { Panel } from '../../components/Panel';
import { Sparkline } from '../../components/Sparkline';
import { useText } from '../../components/TextContext';
import { clippedShare, scalarHistory, useScalars } from '../../stores/scalars';
import { CURVE_POINTS } from './lossData';
import { useRunConfig } from './shown';
import { useStepAxis } from './useStepAxis';

const RATE_POINTS = 96;

export function Optimizer() {
  const { t, integer, significant, percent, fixed } = useText();
  const { latest, version } = useScalars();
  const { train } = useRunConfig();
  const axis = useStepAxis();
  if (!latest) return null;
  const [steps, norm] = decimate([scalarHistory.column('step'), scalarHistory.column('gradientNorm')], CURVE_POINTS, [
    false,
    true,
  ]);
  const [, rate] = decimate([scalarHistory.column('step'), scalarHistory.column('learningRate')], RATE_POINTS);
  if (!steps || !norm || !rate) return null;
  const clip = {
    value: train.gradientClip,
    label: t('train.optimizer.clip', { clip: significant(train.gradientClip) }),
    fit: true,
  };
  return (
    <Panel
      title={t('train.optimizer.title')}
      subtitle={t('train.optimizer.subtitle', { step: integer(latest.step) })}
      exportName="optimizer"
      table={() => ({
        caption: t('train.optimizer.title'),
        columns: [t('train.loss.axis'), t('train.optimizer.norm')],
        rows: Array.from(steps, (step, index) => [step, norm[index]!]),
      })}
    >
      <FigureList>
        <Figure label={t('train.optimizer.clipped')} value={percent(clippedShare(), 0)} />
        <Figure
          label={t('train.optimizer.rate')}
          value={significant(latest.learningRate, 2)}
          unit={<Sparkline values={rate} version={version} ariaLabel={t('train.optimizer.rate')} width={40} height={16} />}
        />
        <Figure label={t('train.optimizer.logit')} value={significant(latest.maxAttentionLogit, 3)} />
      </FigureList>
      <LiveChart
        {...axis}
        x={steps}
        version={version}
        syncKey="steps"
        series={[{ key: 'norm', label: t('train.optimizer.norm'), color: '--accent', values: norm }]}
        references={train.gradientClip > 0 ? [clip] : []}
        yRange={[0, null]}
        height={72}
        formatY={(value) => fixed(value, 2)}
        ariaLabel={t('train.optimizer.norm')}
      />
    </Panel>
  );
}
