// What every field of a configuration has in common: label, code name, help, unit, error, and when a change takes effect.
import { useId, type ReactNode } from 'react';
import { Text } from 'react-aria-components';
import { Badge } from './Badge';
import { Button } from './Button';
import { classes } from './classes';
import styles from './Field.module.css';
import { Icon } from './Icon';
import { Popover } from './Popover';
import { useText } from './TextContext';
import { Tooltip } from './Tooltip';

export interface FieldProps {
  readonly label: string;
  /** The name it has in configs, e.g. 'num_experts_per_tok'. */
  readonly codeName?: string;
  /** One sentence: what it is, or what it does. */
  readonly help?: ReactNode;
  readonly unit?: string;
  /** What is wrong with the value, in the person's language. */
  readonly error?: string;
  readonly applies?: 'now' | 'restart';
  /** Differs from the run that is going on. */
  readonly changed?: boolean;
  readonly isDisabled?: boolean;
}

/** Ids that tie a control to its label, help and error. */
export interface FieldIds {
  readonly labelId: string;
  readonly describedBy: string | undefined;
}

interface FrameProps extends FieldProps {
  readonly children: (ids: FieldIds) => ReactNode;
  /** Stands at the end of the label line, e.g. the number input. */
  readonly aside?: (ids: FieldIds) => ReactNode;
}

/** Frame of a field: `children` and `aside` draw its controls with the ids they are given. */
export function Field({ label, codeName, help, unit, error, applies, changed, children, aside }: FrameProps) {
  const { t } = useText();
  const labelId = useId();
  const errorId = useId();
  const ids: FieldIds = { labelId, describedBy: error ? errorId : undefined };
  return (
    <div className={classes(styles.field, error && styles.wrong)}>
      <div className={styles.head}>
        <span className={styles.names}>
          <span id={labelId} className={styles.label}>
            {label}
            {unit && <span className={styles.unit}> ({unit})</span>}
          </span>
          {help && (
            <Popover trigger={<HelpButton label={t('components.field.help', { label })} help={help} />}>
              <h3>{label}</h3>
              <p>{help}</p>
              {codeName && <code className={styles.code}>{codeName}</code>}
              {applies === 'restart' && <p className={styles.when}>{t('components.field.restart.help')}</p>}
            </Popover>
          )}
          {changed && applies === 'restart' && <Badge tone="caution">{t('components.field.restart')}</Badge>}
          {changed && applies === 'now' && <Badge tone="accent">{t('components.field.changed')}</Badge>}
        </span>
        {aside?.(ids)}
      </div>
      {children(ids)}
      {error && (
        <Text id={errorId} className={styles.error} role="alert">
          <Icon name="warning" size={12} /> {error}
        </Text>
      )}
    </div>
  );
}

/** Hover or focus shows the help as a tooltip, a press opens the full note. */
function HelpButton({ label, help }: { readonly label: string; readonly help: ReactNode }) {
  return (
    <Tooltip text={help} placement="right">
      <Button tone="quiet" size="s" aria-label={label}>
        <Icon name="help" size={14} />
      </Button>
    </Tooltip>
  );
}
