// On or off, at once.
import type { ReactNode } from 'react';
import { Switch as AriaSwitch } from 'react-aria-components';
import controls from './controls.module.css';

interface SwitchProps {
  readonly children: ReactNode;
  readonly isSelected: boolean;
  readonly onChange: (isSelected: boolean) => void;
  readonly isDisabled?: boolean;
  readonly 'aria-labelledby'?: string;
  readonly 'aria-describedby'?: string;
}

export function Switch({ children, ...props }: SwitchProps) {
  return (
    <AriaSwitch {...props} className={controls.switch}>
      <span className={controls.switchTrack} />
      <span>{children}</span>
    </AriaSwitch>
  );
}
