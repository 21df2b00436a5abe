// The biases of one layer, each to be set by hand.
import { Button } from '../../components/Button';
import { Disclosure } from '../../components/Disclosure';
import { NumberField } from '../../components/NumberField';
import { useText } from '../../components/TextContext';
import type { TraceAnswer } from '../../protocol/lab';
import { setInterventions, useLab } from '../../stores/lab';
import { useSelection } from '../../stores/selection';
import { biasOf, biasUnder, withBias } from './changeDraft';
import { LayerPicker } from './LayerPicker';
import styles from './Lab.module.css';
import { usePlaceIn } from './shown';

const MAX_BIAS = 100;

export function BiasEditor({ answer }: { readonly answer: TraceAnswer }) {
  const { t } = useText();
  const { layer } = usePlaceIn(answer);
  const tokens = useSelection(({ tokenRange }) => tokenRange);
  const present = useLab(({ interventions }) => interventions.present);
  const trained = biasOf(answer.baseline, layer);
  const now = biasUnder(trained, present, layer, tokens?.from ?? 0);
  return (
    <Disclosure title={t('lab.bias.title')}>
      <div className={styles.line}>
        <LayerPicker answer={answer} />
        <Button
          size="s"
          onPress={() => setInterventions([...present, { kind: 'biasFrozen', values: now, layers: [layer], tokens }])}
        >
          {t('lab.bias.freeze')}
        </Button>
        <Button size="s" onPress={() => setInterventions([...present, { kind: 'biasZero', layers: [layer], tokens }])}>
          {t('lab.bias.zero')}
        </Button>
      </div>
      <p className={styles.quiet}>{t('lab.bias.lead')}</p>
      <div className={styles.biases}>
        {now.map((value, expert) => (
          <NumberField
            key={expert}
            label={t('train.expert.short', { expert })}
            min={-MAX_BIAS}
            max={MAX_BIAS}
            scale="linear"
            inputOnly
            applies="now"
            changed={value !== trained[expert]}
            value={Number(value.toFixed(4))}
            onChange={(next) => {
              if (Math.abs(next) <= MAX_BIAS && next !== value) setInterventions(withBias(present, layer, expert, next, tokens));
            }}
          />
        ))}
      </div>
    </Disclosure>
  );
}
