// The axis of training tokens that all curves over moments share, as the timeline has it: logarithmic, with step 0 on it, or linear.
import { useText } from '../../components/TextContext';
import { tokensAt, type Line } from '../../stores/line';
import { usePreferences } from '../../stores/preferences';

export function useTokenAxis(line: Line) {
  const { t, compact } = useText();
  const axis = usePreferences((state) => state.timelineAxis);
  const isLog = axis === 'log';
  return {
    /** Where a step lies on it. */
    place: isLog ? Math.log1p : (step: number): number => step,
    xLabel: t('lookBack.axis'),
    formatX: (x: number): string => compact(Math.round(tokensAt(line, isLog ? Math.expm1(x) : x))),
    axis,
  };
}
