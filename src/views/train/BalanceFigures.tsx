// The balance of the chosen layer, and of the model, in figures.
import { memo, useMemo } from 'react';
import {
  DEAD_WINDOW_TOKENS,
  deadExperts,
  effectiveExpertShare,
  hasCollapsed,
  layerRow,
  maxVio,
  meanMaxVio,
} from '../../analysis/load';
import { Figure, FigureList } from '../../components/Badge';
import { IconButton } from '../../components/Button';
import { Notice } from '../../components/Notice';
import { Popover } from '../../components/Popover';
import { useText } from '../../components/TextContext';
import { mean } from '../../core/stats';
import type { RunConfig } from '../../config/trainConfig';
import { AVERAGE_STEPS, ROUTING_STEPS, routingBuffer, summedLoad } from '../../stores/routing';
import { useValidation } from '../../stores/validation';
import { layerNumber, useMaxVioBounds, type ShownRouting } from './shown';
import styles from './Train.module.css';

interface Props {
  readonly shown: ShownRouting;
  readonly layer: number;
  readonly config: RunConfig;
}

/** Mean over steps of each step's mean MaxVio over layers: what one batch shows, without the noise of a single one. */
function useAverages({ shown, layer }: Pick<Props, 'shown' | 'layer'>) {
  const { index, routing } = shown;
  return useMemo(() => {
    const { experts } = routing;
    // Long enough a window for DEAD_WINDOW_TOKENS an expert, where the buffer holds that many steps.
    const perStep = routing.load.reduce((total, load) => total + load, 0) / routing.load.length;
    const window = Math.min(ROUTING_STEPS, Math.max(AVERAGE_STEPS, Math.ceil(DEAD_WINDOW_TOKENS / perStep)));
    const { load } = summedLoad(index, window);
    const from = Math.max(0, index - AVERAGE_STEPS + 1);
    const recent = Array.from({ length: index - from + 1 }, (_, offset) => routingBuffer.at(from + offset)!);
    return {
      dead: deadExperts(layerRow(load, layer, experts)),
      windowLoad: load,
      steps: recent.length,
      meanOfSteps: mean(recent.map((one) => meanMaxVio(one.load, one.layers, one.experts))),
    };
  }, [index, routing, layer]);
}

interface HelpProps {
  readonly tokens: string;
  readonly floor: string;
  readonly ceiling: string;
}

/** Apart, so that a step does not render it. */
const MaxVioHelp = memo(function MaxVioHelp(words: HelpProps) {
  const { t } = useText();
  return (
    <Popover trigger={<IconButton icon="help" size="s" label={t('train.balance.maxVio.about')} />}>
      <h3>{t('train.balance.maxVio')}</h3>
      <p>{t('train.balance.maxVio.help', { ...words })}</p>
    </Popover>
  );
});

export function BalanceFigures({ shown, layer, config }: Props) {
  const { t, fixed, percent, integer, significant } = useText();
  const { routing } = shown;
  const { layers, experts } = routing;
  const { dead, windowLoad, steps, meanOfSteps } = useAverages({ shown, layer });
  const bounds = useMaxVioBounds(config, routing);
  const validation = useValidation((state) => state.results.at(-1));
  const row = layerRow(routing.load, layer, experts);
  const number = layerNumber(config, layer);
  const collapsed = hasCollapsed(layerRow(windowLoad, layer, experts));
  const floor = significant(bounds.floor, 2);
  const ceiling = significant(bounds.ceiling, 3);
  return (
    <>
      <FigureList>
        <Figure label={t('train.balance.maxVio.layer', { layer: number })} value={fixed(maxVio(row), 2)} />
        <Figure label={t('train.balance.maxVio.mean')} value={fixed(meanMaxVio(routing.load, layers, experts), 2)} />
        <Figure label={t('train.balance.biasChanged')} value={percent(routing.biasChangedShare[layer] ?? NaN, 1)} />
        <Figure
          label={t('train.balance.dead')}
          value={dead === null ? '–' : integer(dead.length)}
          unit={
            dead === null
              ? t('train.balance.dead.unknown', { tokens: DEAD_WINDOW_TOKENS })
              : t('train.balance.dead.unit', { experts })
          }
          tone={dead !== null && dead.length > 0 ? 'caution' : undefined}
        />
        <Figure
          label={t('train.balance.effective')}
          value={percent(effectiveExpertShare(row), 0)}
          unit={t('train.balance.effective.unit')}
          tone={collapsed ? 'danger' : undefined}
        />
        {validation && validation.load.length === layers * experts && (
          <Figure label={t('train.balance.maxVio.global')} value={fixed(meanMaxVio(validation.load, layers, experts), 2)} />
        )}
      </FigureList>
      <p className={styles.quiet}>
        {t('train.balance.maxVio.range', { steps, mean: fixed(meanOfSteps, 2), floor, ceiling })}{' '}
        <MaxVioHelp tokens={integer(bounds.tokens)} floor={floor} ceiling={ceiling} />
      </p>
      {collapsed && <Notice tone="caution" title={t('train.balance.collapsed', { layer: number })} />}
    </>
  );
}
