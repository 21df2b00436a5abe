// Any of several, in a list that stays open while one chooses.
import { Button, Label, ListBox, Popover, Select as AriaSelect, SelectValue } from 'react-aria-components';
import controls from './controls.module.css';
import { Icon } from './Icon';
import overlays from './overlays.module.css';
import { Entry, type SelectOption } from './Select';

interface MultiSelectProps<Id extends string> {
  readonly label: string;
  readonly options: readonly SelectOption<Id>[];
  readonly values: readonly Id[];
  /** In the order of the options. */
  readonly onChange: (ids: Id[]) => void;
  /** What no choice means. */
  readonly none: string;
}

export function MultiSelect<Id extends string>({ label, options, values, onChange, none }: MultiSelectProps<Id>) {
  const chosen = options.filter(({ id }) => values.includes(id));
  return (
    <AriaSelect
      className={controls.stack}
      selectionMode="multiple"
      value={[...values]}
      onChange={(keys) => onChange(options.filter(({ id }) => keys.includes(id)).map(({ id }) => id))}
    >
      <Label className={controls.label}>{label}</Label>
      <Button className={controls.select}>
        <SelectValue className={controls.selectValue}>
          {() => (chosen.length === 0 ? none : chosen.map((option) => option.label).join(', '))}
        </SelectValue>
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
