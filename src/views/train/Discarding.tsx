// Asks before a kept run is deleted, and names what branched from it.
import { Button } from '../../components/Button';
import { Dialog } from '../../components/Dialog';
import { useText } from '../../components/TextContext';
import type { KeptRun } from '../../protocol/kept';
import { discardKept, useKept } from '../../stores/kept';

export function Discarding({ kept, onClose }: { readonly kept: KeptRun; readonly onClose: () => void }) {
  const { t, integer } = useText();
  const runs = useKept((state) => state.kept.runs);
  const branches = runs.filter(({ parent }) => parent?.runId === kept.runId);
  const discard = (): void => {
    onClose();
    void discardKept(kept.runId);
  };
  return (
    <Dialog
      title={t('kept.discard.title', { name: kept.name })}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t('components.cancel')}</Button>
          <Button tone="danger" onPress={discard}>
            {t('kept.discard')}
          </Button>
        </>
      }
    >
      <p>{t('kept.discard.body', { step: integer(kept.step) })}</p>
      {branches.length > 0 && <p>{t('kept.discard.branches', { names: branches.map(({ name }) => name).join(', ') })}</p>}
    </Dialog>
  );
}
