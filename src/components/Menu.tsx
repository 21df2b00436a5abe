// A menu of actions, or of choices with one marked.
import type { ReactElement } from 'react';
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover, Text, type Placement } from 'react-aria-components';
import { Icon, type IconName } from './Icon';
import styles from './overlays.module.css';

export interface MenuEntry {
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  readonly icon?: IconName;
  readonly isDisabled?: boolean;
}

interface MenuProps {
  /** The control that opens it: a Button or IconButton. */
  readonly trigger: ReactElement;
  readonly label: string;
  readonly entries: readonly MenuEntry[];
  readonly onAction: (id: string) => void;
  /** Makes it a choice: the id that is marked. */
  readonly selected?: string;
  readonly placement?: Placement;
}

export function Menu({ trigger, label, entries, onAction, selected, placement = 'bottom end' }: MenuProps) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover className={styles.popover} offset={6} placement={placement}>
        <AriaMenu
          className={styles.list}
          aria-label={label}
          onAction={(key) => onAction(String(key))}
          selectionMode={selected === undefined ? 'none' : 'single'}
          selectedKeys={selected === undefined ? [] : [selected]}
          disallowEmptySelection={selected !== undefined}
          disabledKeys={entries.filter((entry) => entry.isDisabled).map((entry) => entry.id)}
        >
          {entries.map((entry) => (
            <MenuItem key={entry.id} id={entry.id} className={styles.item} textValue={entry.label}>
              {({ isSelected }) => (
                <>
                  {isSelected ? <Icon name="check" size={14} /> : entry.icon && <Icon name={entry.icon} size={14} />}
                  <Text slot="label" className={styles.label}>
                    {entry.label}
                  </Text>
                  {entry.description && (
                    <Text slot="description" className={styles.description}>
                      {entry.description}
                    </Text>
                  )}
                </>
              )}
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
