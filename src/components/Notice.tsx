// Something the page has to say: in place (Notice), or passing (notify, shown by NoticeRegion).
import type { ReactNode } from 'react';
import {
  Text,
  UNSTABLE_Toast as AriaToast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from 'react-aria-components';
import { Button, IconButton } from './Button';
import { classes } from './classes';
import { Icon, type IconName } from './Icon';
import styles from './Notice.module.css';
import tones from './tones.module.css';
import { useText } from './TextContext';

export type NoticeTone = 'info' | 'good' | 'caution' | 'danger';
const ICON: Readonly<Record<NoticeTone, IconName>> = { info: 'info', good: 'check', caution: 'warning', danger: 'warning' };

interface NoticeProps {
  readonly tone?: NoticeTone;
  readonly title: ReactNode;
  readonly children?: ReactNode;
  /** Buttons that answer it. */
  readonly actions?: ReactNode;
  readonly onDismiss?: () => void;
}

/** Stands where what it speaks of stands. A fault is announced at once, anything else when the reader pauses. */
export function Notice({ tone = 'info', title, children, actions, onDismiss }: NoticeProps) {
  const { t } = useText();
  return (
    <div className={classes(styles.notice, tones[tone])} role={tone === 'danger' ? 'alert' : 'status'}>
      <Icon name={ICON[tone]} />
      <div className={styles.words}>
        <strong>{title}</strong>
        {children && <div className={styles.body}>{children}</div>}
        {actions && <div className={styles.actions}>{actions}</div>}
      </div>
      {onDismiss && <IconButton icon="close" size="s" label={t('components.dismiss')} onPress={onDismiss} />}
    </div>
  );
}

export interface PassingNotice {
  readonly tone?: NoticeTone;
  readonly title: string;
  readonly body?: string;
  readonly action?: { readonly label: string; readonly onPress: () => void };
}

const queue = new ToastQueue<PassingNotice>({ maxVisibleToasts: 3 });

/** Shows a notice at the edge of the page for 8 s; one with an action or a fault stays until it is dismissed. */
export function notify(notice: PassingNotice): void {
  queue.add(notice, notice.action || notice.tone === 'danger' ? {} : { timeout: 8000 });
}

/** Where passing notices appear: once on the page. */
export function NoticeRegion() {
  const { t } = useText();
  return (
    <ToastRegion queue={queue} className={styles.region} aria-label={t('components.notices')}>
      {({ toast }) => {
        const { tone = 'info', title, body, action } = toast.content;
        return (
          <AriaToast toast={toast} className={classes(styles.notice, styles.passing, tones[tone])}>
            <Icon name={ICON[tone]} />
            <ToastContent className={styles.words}>
              <Text slot="title">{title}</Text>
              {body && (
                <Text slot="description" className={styles.body}>
                  {body}
                </Text>
              )}
              {action && (
                <span className={styles.actions}>
                  <Button
                    size="s"
                    onPress={() => {
                      action.onPress();
                      queue.close(toast.key);
                    }}
                  >
                    {action.label}
                  </Button>
                </span>
              )}
            </ToastContent>
            <IconButton icon="close" size="s" label={t('components.dismiss')} onPress={() => queue.close(toast.key)} />
          </AriaToast>
        );
      }}
    </ToastRegion>
  );
}
