// Fields that are not numbers: one of several, on or off, words.
import { Input, TextArea, TextField as AriaTextField } from 'react-aria-components';
import { Field, type FieldProps } from './Field';
import styles from './Field.module.css';
import { Select, type SelectOption } from './Select';
import { Switch } from './Switch';
import { useText } from './TextContext';

export interface ChoiceFieldProps<Id extends string> extends FieldProps {
  readonly options: readonly SelectOption<Id>[];
  readonly value: Id;
  readonly onChange: (value: Id) => void;
}

export function ChoiceField<Id extends string>({ options, value, onChange, ...props }: ChoiceFieldProps<Id>) {
  return (
    <Field {...props}>
      {({ describedBy }) => (
        <Select
          label={props.label}
          labelHidden
          wide
          options={options}
          value={value}
          onChange={onChange}
          isDisabled={props.isDisabled}
          describedBy={describedBy}
        />
      )}
    </Field>
  );
}

export interface SwitchFieldProps extends FieldProps {
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
}

export function SwitchField({ value, onChange, ...props }: SwitchFieldProps) {
  const { t } = useText();
  return (
    <Field
      {...props}
      aside={({ labelId, describedBy }) => (
        <Switch
          isSelected={value}
          onChange={onChange}
          isDisabled={props.isDisabled}
          aria-labelledby={labelId}
          aria-describedby={describedBy}
        >
          {t(value ? 'components.field.on' : 'components.field.off')}
        </Switch>
      )}
    >
      {() => null}
    </Field>
  );
}

export interface TextFieldProps extends FieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Several lines. */
  readonly multiline?: boolean;
  readonly placeholder?: string;
}

export function TextField({ value, onChange, multiline = false, placeholder, ...props }: TextFieldProps) {
  return (
    <Field {...props}>
      {({ labelId, describedBy }) => (
        <AriaTextField
          aria-labelledby={labelId}
          aria-describedby={describedBy}
          isInvalid={props.error !== undefined}
          isDisabled={props.isDisabled}
          value={value}
          onChange={onChange}
        >
          {multiline ? (
            <TextArea className={styles.area} placeholder={placeholder} rows={2} />
          ) : (
            <Input className={styles.line} placeholder={placeholder} />
          )}
        </AriaTextField>
      )}
    </Field>
  );
}
