// Takes a file from the person: chosen in the system's dialog, or dropped.
import { DropZone, FileTrigger, Text } from 'react-aria-components';
import { Button } from './Button';
import styles from './FilePicker.module.css';

interface FilePickerProps {
  /** On the button. */
  readonly label: string;
  /** Beside it: that one can drop a file too. */
  readonly hint: string;
  /** Endings the dialog offers, e.g. `.safetensors`; a dropped file may be anything. */
  readonly endings: readonly string[];
  readonly isDisabled?: boolean;
  readonly onFile: (file: File) => void;
}

export function FilePicker({ label, hint, endings, isDisabled, onFile }: FilePickerProps) {
  return (
    <DropZone
      className={styles.zone}
      isDisabled={isDisabled}
      getDropOperation={() => 'copy'}
      onDrop={({ items }) => {
        const dropped = items.find((item) => item.kind === 'file');
        void dropped?.getFile().then(onFile);
      }}
    >
      <FileTrigger
        acceptedFileTypes={[...endings]}
        onSelect={(files) => {
          const chosen = files?.[0];
          if (chosen) onFile(chosen);
        }}
      >
        <Button size="s" isDisabled={isDisabled}>
          {label}
        </Button>
      </FileTrigger>
      <Text slot="label" className={styles.hint}>
        {hint}
      </Text>
    </DropZone>
  );
}
