// A group that folds away under its title. What it holds is made when it is first opened.
import { useState, type ReactNode } from 'react';
import { Button, Disclosure as AriaDisclosure, DisclosurePanel, Heading } from 'react-aria-components';
import styles from './Disclosure.module.css';
import { Icon } from './Icon';

interface DisclosureProps {
  readonly title: ReactNode;
  /** Stands at the end of the title line, e.g. how many fields changed. */
  readonly aside?: ReactNode;
  readonly defaultExpanded?: boolean;
  readonly isExpanded?: boolean;
  readonly onExpandedChange?: (isExpanded: boolean) => void;
  readonly level?: number;
  readonly children: ReactNode;
}

export function Disclosure({ title, aside, level = 3, children, onExpandedChange, ...props }: DisclosureProps) {
  const [wasOpened, setWasOpened] = useState(props.defaultExpanded ?? false);
  const onChange = (isExpanded: boolean): void => {
    if (isExpanded) setWasOpened(true);
    onExpandedChange?.(isExpanded);
  };
  return (
    <AriaDisclosure {...props} onExpandedChange={onChange} className={styles.disclosure}>
      <Heading className={styles.head} level={level}>
        <Button slot="trigger" className={styles.trigger}>
          <Icon name="chevron" size={14} />
          <span className={styles.title}>{title}</span>
          {aside}
        </Button>
      </Heading>
      <DisclosurePanel className={styles.panel}>
        <div className={styles.content}>{(wasOpened || props.isExpanded) && children}</div>
      </DisclosurePanel>
    </AriaDisclosure>
  );
}
