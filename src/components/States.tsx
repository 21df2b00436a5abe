// What stands where a figure cannot: nothing yet, or something went wrong.
import type { ReactNode } from 'react';
import { Icon, type IconName } from './Icon';
import styles from './States.module.css';

interface EmptyStateProps {
  /** What will be here. */
  readonly title: string;
  readonly children?: ReactNode;
  /** The one action that fills it. */
  readonly action?: ReactNode;
  readonly icon?: IconName;
}

export function EmptyState({ title, children, action, icon = 'figure' }: EmptyStateProps) {
  return (
    <div className={styles.state}>
      <span className={styles.icon}>
        <Icon name={icon} size={20} />
      </span>
      <p className={styles.title}>{title}</p>
      {children && <div className={styles.body}>{children}</div>}
      {action}
    </div>
  );
}

interface ErrorStateProps {
  readonly title: string;
  /** What happened and why. */
  readonly what: ReactNode;
  /** What to do next. */
  readonly next?: ReactNode;
  readonly actions?: ReactNode;
}

export function ErrorState({ title, what, next, actions }: ErrorStateProps) {
  return (
    <div className={styles.state} role="alert">
      <span className={styles.fault}>
        <Icon name="warning" size={20} />
      </span>
      <p className={styles.title}>{title}</p>
      <div className={styles.body}>{what}</div>
      {next && <div className={styles.body}>{next}</div>}
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
