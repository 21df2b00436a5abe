// What the model writes after the prompt, with the same seed without and with the change; each token with what could have come instead.
import { Button } from '../../components/Button';
import { NumberField } from '../../components/NumberField';
import { Panel } from '../../components/Panel';
import { useText } from '../../components/TextContext';
import type { WritingSettings } from '../../config/labLink';
import type { TraceAnswer } from '../../protocol/lab';
import { setWriting, stopWriting, useWriting, writeOn } from '../../stores/writing';
import { engineErrorText } from '../train/errorText';
import styles from './Lab.module.css';
import { WrittenTokens } from './WrittenTokens';

interface Limit {
  readonly key: keyof WritingSettings;
  readonly min: number;
  readonly max: number;
  readonly integer?: true;
  readonly step?: number;
  /** Too wide to slide over. */
  readonly inputOnly?: true;
}

const LIMITS: readonly Limit[] = [
  { key: 'temperature', min: 0, max: 2, step: 0.05 },
  { key: 'topK', min: 0, max: 100, integer: true },
  { key: 'topP', min: 0.05, max: 1, step: 0.05 },
  { key: 'repetitionPenalty', min: 1, max: 2, step: 0.05 },
  { key: 'tokens', min: 1, max: 512, integer: true },
  { key: 'seed', min: 0, max: 0xffffffff, integer: true, inputOnly: true },
];

export function WrittenPanel({ answer }: { readonly answer: TraceAnswer }) {
  const text = useText();
  const { t } = text;
  const { work, baseline, changed, settings } = useWriting();
  const isBusy = work.phase === 'busy';
  return (
    <Panel title={t('lab.text.title')} subtitle={t('lab.text.subtitle')} fixed>
      <div className={styles.settings}>
        {LIMITS.map(({ key, ...limit }) => (
          <NumberField
            key={key}
            label={t(`lab.text.${key}`)}
            help={t(`lab.text.${key}.help`)}
            scale="linear"
            {...limit}
            value={settings[key]}
            onChange={(value) => setWriting({ ...settings, [key]: within(value, limit, settings[key]) })}
          />
        ))}
      </div>
      <div className={styles.line}>
        <Button tone="primary" onPress={() => (isBusy ? stopWriting() : void writeOn())}>
          {t(isBusy ? 'lab.text.stop' : 'lab.text.write')}
        </Button>
      </div>
      {work.phase === 'failed' && (
        <p role="alert" className={styles.refusal}>
          {t('lab.failed', { error: engineErrorText(work.error, text) })}
        </p>
      )}
      {baseline && (
        <div className={styles.versions}>
          <WrittenTokens version="baseline" written={baseline} answer={answer} />
          {changed && <WrittenTokens version="changed" written={changed} answer={answer} />}
        </div>
      )}
    </Panel>
  );
}

/** What is typed beyond the slider stays within what the engine takes. */
function within(value: number, { min, max, integer }: Omit<Limit, 'key'>, before: number): number {
  if (Number.isNaN(value)) return before;
  const clipped = Math.min(max, Math.max(min, value));
  return integer ? Math.round(clipped) : clipped;
}
