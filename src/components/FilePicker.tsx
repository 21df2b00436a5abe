// Takes files from the person: chosen in the system's dialog, or dropped.
import { DropZone, FileTrigger, Text, type DropItem } from 'react-aria-components';
import { Button } from './Button';
import styles from './FilePicker.module.css';

interface FilePickerProps {
  /** On the button. */
  readonly label: string;
  /** Beside it: that one can drop a file too. */
  readonly hint: string;
  /** Endings the dialog offers, e.g. `.safetensors`; a dropped file may be anything. */
  readonly endings: readonly string[];
  /** What was given last is still being taken in: no other file is, and the button keeps the focus. */
  readonly isBusy?: boolean;
  /** Several files may be chosen; of a dropped folder, what lies directly in it. Otherwise the first one counts. */
  readonly allowsMultiple?: boolean;
  /** One file at least. */
  readonly onFiles: (files: readonly [File, ...File[]]) => void;
}

async function filesOf(items: readonly DropItem[]): Promise<File[]> {
  const files: File[] = [];
  for (const item of items) {
    if (item.kind === 'file') files.push(await item.getFile());
    else if (item.kind === 'directory')
      for await (const entry of item.getEntries()) if (entry.kind === 'file') files.push(await entry.getFile());
  }
  return files;
}

export function FilePicker({ label, hint, endings, isBusy = false, allowsMultiple = false, onFiles }: FilePickerProps) {
  const give = ([first, ...more]: readonly File[]): void => {
    if (first) onFiles(allowsMultiple ? [first, ...more] : [first]);
  };
  return (
    <DropZone
      className={styles.zone}
      isDisabled={isBusy}
      getDropOperation={() => 'copy'}
      onDrop={({ items }) => void filesOf(items).then(give)}
    >
      <FileTrigger
        acceptedFileTypes={[...endings]}
        allowsMultiple={allowsMultiple}
        onSelect={(files) => give([...(files ?? [])])}
      >
        <Button size="s" isPending={isBusy}>
          {label}
        </Button>
      </FileTrigger>
      <Text slot="label" className={styles.hint}>
        {hint}
      </Text>
    </DropZone>
  );
}
