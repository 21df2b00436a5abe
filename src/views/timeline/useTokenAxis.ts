// The axis of training tokens that all curves over moments share, as the timeline has it: logarithmic, with step 0 on it, or linear.
import type { LiveChartProps } from '../../components/LiveChart';
import { useText } from '../../components/TextContext';
import { tokensAt, type Line, type LineMoment } from '../../stores/line';
import { usePreferences } from '../../stores/preferences';
import { linearTicks, logTicks } from './tokenTicks';

type TokenAxis = Required<Pick<LiveChartProps, 'xLabel' | 'formatX' | 'xRange' | 'xTicks'>>;

/** @param moments what the curves are of, whether they are known yet or not: from the first to the last of them the axis goes */
export function useTokenAxis(line: Line, moments: readonly LineMoment[]) {
  const { t, compact } = useText();
  const axis = usePreferences((state) => state.timelineAxis);
  const isLog = axis === 'log';
  const place = isLog ? Math.log1p : (step: number): number => step;
  const ticks = isLog ? logTicks : linearTicks;
  const chart: TokenAxis = {
    xLabel: t(isLog ? 'lookBack.axis.log' : 'lookBack.axis'),
    formatX: (x) => compact(Math.round(tokensAt(line, isLog ? Math.expm1(x) : x))),
    xRange: [place(moments[0]!.step), place(moments.at(-1)!.step)],
    xTicks: (low, high, gap) => ticks({ perStep: tokensAt(line, 1), low, high, gap }),
  };
  return { chart, place, axis };
}
