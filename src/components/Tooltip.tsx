// A short hint on hover and on focus.
import type { ReactElement, ReactNode } from 'react';
import { Tooltip as AriaTooltip, TooltipTrigger, type Placement } from 'react-aria-components';
import styles from './overlays.module.css';

interface TooltipProps {
  readonly text: ReactNode;
  /** One focusable control of this library. */
  readonly children: ReactElement;
  readonly placement?: Placement;
}

/** Shows `text` while `children` is hovered or focused. Not for what a person must read: that stands on the page. */
export function Tooltip({ text, children, placement = 'bottom' }: TooltipProps) {
  return (
    <TooltipTrigger delay={500} closeDelay={50}>
      {children}
      <AriaTooltip className={styles.tooltip} offset={6} placement={placement}>
        {text}
      </AriaTooltip>
    </TooltipTrigger>
  );
}
