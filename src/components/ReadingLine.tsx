// The line beside a figure that reads what is pointed at, or says how to point at something.
import type { ReactNode } from 'react';
import styles from './ReadingLine.module.css';

export interface ReadingLineProps {
  /** Nothing is pointed at: the line only explains. */
  readonly resting?: boolean;
  readonly children: ReactNode;
}

export function ReadingLine({ resting = false, children }: ReadingLineProps) {
  return <p className={resting ? styles.rest : styles.reading}>{children}</p>;
}
