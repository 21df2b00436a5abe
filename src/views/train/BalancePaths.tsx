// How the balance got here: one expert's load and bias over the kept steps, or MaxVio between its floor and ceiling.
import { layerRow, maxVio } from '../../analysis/load';
import type { RunConfig } from '../../config/trainConfig';
import { LiveChart } from '../../components/LiveChart';
import { useText } from '../../components/TextContext';
import { expertTrajectory, routingBuffer } from '../../stores/routing';
import { scalarHistory } from '../../stores/scalars';
import { decimate } from '../../analysis/history';
import { CURVE_POINTS } from './lossData';
import { fairShare, useMaxVioBounds, type ShownRouting } from './shown';
import { useStepAxis } from './useStepAxis';
import styles from './Train.module.css';

interface Props {
  readonly kind: 'paths' | 'maxVio';
  readonly layer: number;
  /** The layer's number in the model. */
  readonly number: number;
  readonly expert: number;
  readonly shown: ShownRouting;
  readonly config: RunConfig;
}

export function BalancePaths(props: Props) {
  return props.kind === 'paths' ? <ExpertPaths {...props} /> : <MaxVioPath {...props} />;
}

function ExpertPaths({ layer, expert }: Props) {
  const { t, fixed, signed } = useText();
  const stepAxis = useStepAxis();
  const load = expertTrajectory('load', layer, expert);
  const bias = expertTrajectory('bias', layer, expert);
  const fair = routingBuffer.toArray().map(fairShare);
  const name = t('train.expert.short', { expert });
  const axis = {
    ...stepAxis,
    version: routingBuffer.version + expert * 1e6 + layer * 1e9,
    syncKey: 'recent',
    height: 64,
  };
  return (
    <>
      <p className={styles.quiet}>{t('train.balance.pick', { expert: t('train.expert', { expert }) })}</p>
      <LiveChart
        {...axis}
        x={load.steps}
        series={[
          {
            key: 'load',
            label: t('train.balance.loadPath', { expert: name }),
            color: '--accent',
            values: load.values.map((value, index) => value / fair[index]!),
          },
        ]}
        references={[{ value: 1, label: t('train.balance.fair'), fit: true }]}
        formatY={(value) => fixed(value, 2)}
        ariaLabel={t('train.balance.loadPath', { expert: name })}
      />
      <LiveChart
        {...axis}
        x={bias.steps}
        series={[{ key: 'bias', label: t('train.balance.biasPath', { expert: name }), color: '--cat-6', values: bias.values }]}
        references={[{ value: 0, label: '0', fit: true }]}
        formatY={(value) => signed(value, 3)}
        ariaLabel={t('train.balance.biasPath', { expert: name })}
      />
    </>
  );
}

function MaxVioPath({ layer, number, config, shown }: Props) {
  const { t, fixed } = useText();
  const stepAxis = useStepAxis();
  const bounds = useMaxVioBounds(config, shown.routing);
  const [steps, mean] = decimate([scalarHistory.column('step'), scalarHistory.column('maxVio')], CURVE_POINTS) as [
    Float64Array,
    Float64Array,
  ];
  const recent = routingBuffer.toArray();
  return (
    <LiveChart
      {...stepAxis}
      x={steps}
      series={[
        { key: 'mean', label: t('train.balance.maxVio.mean'), color: '--accent', values: mean, width: 2 },
        {
          key: 'layer',
          label: t('train.balance.maxVio.layer', { layer: number }),
          color: '--cat-6',
          faint: true,
          x: recent.map(({ step }) => step),
          values: recent.map((routing) => maxVio(layerRow(routing.load, layer, routing.experts))),
        },
      ]}
      references={[
        { value: bounds.floor, label: t('train.balance.maxVio.floor'), fit: true },
        { value: bounds.ceiling, label: t('train.balance.maxVio.ceiling') },
      ]}
      version={routingBuffer.version + layer * 1e9}
      yRange={[0, null]}
      syncKey="steps"
      height={132}
      formatY={(value) => fixed(value, 2)}
      ariaLabel={t('train.balance.maxVio')}
    />
  );
}
