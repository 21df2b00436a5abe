// Small marks: a state, a key, a figure with its name.
import type { ReactNode } from 'react';
import styles from './Badge.module.css';
import tones from './tones.module.css';
import { classes } from './classes';
import { Icon, type IconName } from './Icon';

export type BadgeTone = 'neutral' | 'accent' | 'good' | 'caution' | 'danger';

interface BadgeProps {
  readonly tone?: BadgeTone;
  readonly icon?: IconName;
  readonly children: ReactNode;
}

export function Badge({ tone = 'neutral', icon, children }: BadgeProps) {
  return (
    <span className={classes(styles.badge, tones[tone])}>
      {icon && <Icon name={icon} size={12} />}
      {children}
    </span>
  );
}

/** A key of the keyboard. */
export function Kbd({ children }: { readonly children: ReactNode }) {
  return <kbd className={styles.kbd}>{children}</kbd>;
}

interface FigureProps {
  readonly label: ReactNode;
  readonly value: ReactNode;
  readonly unit?: ReactNode;
  /** Puts the value under suspicion: beyond what is healthy. */
  readonly tone?: 'danger' | 'caution';
}

/** A figure with its name and unit; several stand in a FigureList. */
export function Figure({ label, value, unit, tone }: FigureProps) {
  return (
    <div className={styles.figure}>
      <dt>{label}</dt>
      <dd className={tone && styles[`${tone}Text`]}>
        {value}
        {unit && <span className={styles.unit}> {unit}</span>}
      </dd>
    </div>
  );
}

export function FigureList({ children }: { readonly children: ReactNode }) {
  return <dl className={styles.figures}>{children}</dl>;
}
