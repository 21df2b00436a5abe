// A note that opens beside a control and holds more than a tooltip may: links, paragraphs.
import type { ReactElement, ReactNode } from 'react';
import { Dialog, DialogTrigger, Popover as AriaPopover, type Placement } from 'react-aria-components';
import styles from './overlays.module.css';

interface PopoverProps {
  /** The control that opens it: a Button or IconButton. */
  readonly trigger: ReactElement;
  /** Name of the note for readers. */
  readonly label: string;
  readonly children: ReactNode;
  readonly placement?: Placement;
}

export function Popover({ trigger, label, children, placement = 'bottom start' }: PopoverProps) {
  return (
    <DialogTrigger>
      {trigger}
      <AriaPopover className={styles.popover} offset={6} placement={placement}>
        <Dialog className={styles.note} aria-label={label}>
          {children}
        </Dialog>
      </AriaPopover>
    </DialogTrigger>
  );
}
