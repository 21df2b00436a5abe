// One of a few, all in sight: units, scales, last step or average.
import { Radio, RadioGroup } from 'react-aria-components';
import controls from './controls.module.css';
import type { SelectOption } from './Select';

interface SegmentedProps<Id extends string> {
  readonly label: string;
  readonly options: readonly SelectOption<Id>[];
  readonly value: Id;
  readonly onChange: (id: Id) => void;
  readonly isDisabled?: boolean;
}

export function Segmented<Id extends string>({ label, options, value, onChange, isDisabled }: SegmentedProps<Id>) {
  return (
    <RadioGroup
      className={controls.segmented}
      orientation="horizontal"
      aria-label={label}
      value={value}
      isDisabled={isDisabled}
      onChange={(id) => {
        const option = options.find((candidate) => candidate.id === id);
        if (option) onChange(option.id);
      }}
    >
      {options.map((option) => (
        <Radio key={option.id} value={option.id} className={controls.segment}>
          {option.label}
        </Radio>
      ))}
    </RadioGroup>
  );
}
