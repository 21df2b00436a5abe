// A note that opens beside a control and holds more than a tooltip may: links, paragraphs.
import type { ReactElement, ReactNode } from 'react';
import { DialogTrigger, Popover as AriaPopover, type Placement } from 'react-aria-components';
import styles from './overlays.module.css';

interface PopoverProps {
  /** The control that opens it and whose name it bears: a Button or IconButton. */
  readonly trigger: ReactElement;
  readonly children: ReactNode;
  readonly placement?: Placement;
}

export function Popover({ trigger, children, placement = 'bottom start' }: PopoverProps) {
  return (
    <DialogTrigger>
      {trigger}
      <AriaPopover className={styles.popover} offset={6} placement={placement}>
        {/* No dialog of its own: the popover then is one, with its hidden dismiss buttons inside. */}
        <div className={styles.note}>{children}</div>
      </AriaPopover>
    </DialogTrigger>
  );
}
