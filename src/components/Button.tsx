// What one can press: with a word or with an icon.
import type { ReactNode } from 'react';
import { Button as AriaButton, type ButtonProps as AriaButtonProps, type Placement } from 'react-aria-components';
import styles from './Button.module.css';
import { classes } from './classes';
import { Icon, type IconName } from './Icon';
import { Tooltip } from './Tooltip';

export type ButtonTone = 'plain' | 'primary' | 'quiet' | 'danger';
export type ButtonSize = 's' | 'm' | 'l';

interface Look {
  readonly tone?: ButtonTone;
  readonly size?: ButtonSize;
  readonly icon?: IconName;
}

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'style' | 'children'>, Look {
  readonly children: ReactNode;
  /** Fills the width it is given. */
  readonly wide?: boolean;
}

const SIZE = { s: styles.small, m: undefined, l: styles.large };

export function Button({ tone = 'plain', size = 'm', icon, wide = false, children, ...props }: ButtonProps) {
  return (
    <AriaButton {...props} className={classes(styles.button, styles[tone], SIZE[size], wide && styles.wide)}>
      {icon && <Icon name={icon} />}
      {children}
    </AriaButton>
  );
}

export interface IconButtonProps extends Omit<AriaButtonProps, 'className' | 'style' | 'children' | 'aria-label'>, Look {
  readonly icon: IconName;
  /** Its name for readers and its tooltip. */
  readonly label: string;
  /** A key that does the same, shown in the tooltip. */
  readonly shortcut?: string;
  readonly placement?: Placement;
}

export function IconButton({ icon, label, shortcut, tone = 'quiet', size = 'm', placement, ...props }: IconButtonProps) {
  return (
    <Tooltip text={shortcut ? `${label} (${shortcut})` : label} placement={placement}>
      <AriaButton {...props} aria-label={label} className={classes(styles.button, styles.icon, styles[tone], SIZE[size])}>
        <Icon name={icon} />
      </AriaButton>
    </Tooltip>
  );
}
