// A number with limits: an input to type into and a slider to play with. What is typed is never changed behind the person's back:
// a value outside the limits is handed on, and validation says what is wrong with it.
import { useState } from 'react';
import { Input, Slider, SliderThumb, SliderTrack, TextField } from 'react-aria-components';
import { Field, type FieldProps } from './Field';
import styles from './Field.module.css';
import { fromLogPosition, LOG_POSITIONS, parseTyped, toLogPosition, typed, type FieldScale } from './fieldScale';
import { useText } from './TextContext';

export interface NumberFieldProps extends FieldProps, FieldScale {
  readonly value: number;
  /** NaN when what was typed is no number; then `text` is what that was. */
  readonly onChange: (value: number, text?: string) => void;
  /** Without the slider, where limits are too wide to slide over (seeds). It has none either where they leave one value. */
  readonly inputOnly?: boolean;
}

export function NumberField({ value, onChange, inputOnly = false, ...props }: NumberFieldProps) {
  const { min, max, scale, step, integer, isDisabled } = props;
  const { significant } = useText();
  const [draft, setDraft] = useState<string | null>(null);
  /** What was typed last that is no number: it stays to be seen as long as the value is none. */
  const [unread, setUnread] = useState('');
  /** The last value that was a number: there the slider stays. */
  const [known, setKnown] = useState(value);
  if (!Number.isNaN(value) && value !== known) setKnown(value);
  const log = scale === 'log';
  const shown = Number.isNaN(known) ? min : Math.min(max, Math.max(min, known));
  const position = log ? toLogPosition(shown, props) : shown;
  const commit = () => {
    if (draft !== null) {
      setUnread(draft);
      onChange(parseTyped(draft), draft);
    }
    setDraft(null);
  };
  return (
    <Field
      {...props}
      aside={({ labelId, describedBy }) => (
        <TextField
          aria-labelledby={labelId}
          aria-describedby={describedBy}
          isInvalid={props.error !== undefined}
          isDisabled={isDisabled}
          value={draft ?? (Number.isNaN(value) ? unread : typed(value))}
          onChange={setDraft}
        >
          <Input
            className={styles.input}
            inputMode="decimal"
            onBlur={commit}
            onKeyDown={(event) => {
              if (event.key === 'Enter') commit();
              if (event.key === 'Escape') setDraft(null);
            }}
          />
        </TextField>
      )}
    >
      {({ labelId }) =>
        !inputOnly &&
        max > min && (
          <Slider
            className={styles.slider}
            aria-labelledby={labelId}
            isDisabled={isDisabled}
            minValue={log ? 0 : min}
            maxValue={log ? LOG_POSITIONS : max}
            step={log ? 1 : (step ?? (integer ? 1 : (max - min) / 200))}
            value={position}
            onChange={(at) => {
              setDraft(null);
              onChange(log ? fromLogPosition(at, props) : Number(at.toPrecision(12)));
            }}
          >
            <SliderTrack className={styles.track}>
              {({ state }) => (
                <>
                  <div className={styles.fill} style={{ width: `calc(${state.getThumbPercent(0) * 100}% + 7px)` }} />
                  <SliderThumb className={styles.thumb} aria-labelledby={labelId} aria-valuetext={significant(known)} />
                </>
              )}
            </SliderTrack>
          </Slider>
        )
      }
    </Field>
  );
}
