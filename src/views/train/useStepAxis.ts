// Steps on the axis of a chart: a tick between two steps stays unlabelled, and a reading names its step as every other text does.
import type { LiveChartProps } from '../../components/LiveChart';
import { useText } from '../../components/TextContext';

export function useStepAxis(): Required<Pick<LiveChartProps, 'xLabel' | 'formatX' | 'sayX'>> {
  const { t, integer } = useText();
  return {
    xLabel: t('train.loss.axis'),
    formatX: (step) => (Number.isInteger(step) ? integer(step) : ''),
    sayX: (step) => t('train.phase.step', { step }),
  };
}
