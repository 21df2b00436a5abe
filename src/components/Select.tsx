// One of several, in a list that opens.
import { Button, Label, ListBox, ListBoxItem, Popover, Select as AriaSelect, SelectValue, Text } from 'react-aria-components';
import controls from './controls.module.css';
import { classes } from './classes';
import { Icon } from './Icon';
import overlays from './overlays.module.css';

export interface SelectOption<Id extends string = string> {
  readonly id: Id;
  readonly label: string;
  readonly description?: string;
}

export interface SelectProps<Id extends string> {
  readonly label: string;
  /** The label is for readers only: something beside it already says it. */
  readonly labelHidden?: boolean;
  readonly options: readonly SelectOption<Id>[];
  readonly value: Id;
  readonly onChange: (id: Id) => void;
  readonly isDisabled?: boolean;
  /** Ids of what explains it, for readers. */
  readonly describedBy?: string;
  readonly wide?: boolean;
}

export function Select<Id extends string>({
  label,
  labelHidden,
  options,
  value,
  onChange,
  isDisabled,
  describedBy,
  wide,
}: SelectProps<Id>) {
  return (
    <AriaSelect
      className={classes(controls.stack, wide && controls.wide)}
      value={value}
      onChange={(key) => {
        const option = options.find((candidate) => candidate.id === key);
        if (option) onChange(option.id);
      }}
      isDisabled={isDisabled}
      aria-label={labelHidden ? label : undefined}
      aria-describedby={describedBy}
    >
      {!labelHidden && <Label className={controls.label}>{label}</Label>}
      <Button className={controls.select}>
        <SelectValue className={controls.selectValue}>{({ selectedText }) => selectedText}</SelectValue>
        <Icon name="chevron" size={14} />
      </Button>
      <Popover className={overlays.popover} offset={4}>
        <ListBox className={overlays.list}>
          {options.map((option) => (
            <Entry key={option.id} option={option} />
          ))}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

/** One option in the list. */
export function Entry({ option: { id, label, description } }: { readonly option: SelectOption }) {
  return (
    <ListBoxItem id={id} textValue={label} className={overlays.item}>
      {({ isSelected }) => (
        <>
          {isSelected && <Icon name="check" size={14} />}
          <Text slot="label" className={overlays.label}>
            {label}
          </Text>
          {description && (
            <Text slot="description" className={overlays.description}>
              {description}
            </Text>
          )}
        </>
      )}
    </ListBoxItem>
  );
}
