// Over every view: kept runs that had to give way to a new one, by name, until a person has read it.
import { Notice } from '../components/Notice';
import { useText } from '../components/TextContext';
import { dismissLetGo, useKept } from '../stores/kept';
import { keptLimits, namedRuns } from '../views/train/keptWords';

export function LetGo() {
  const text = useText();
  const letGo = useKept((state) => state.letGo);
  if (letGo.length === 0) return null;
  return (
    <Notice tone="caution" title={text.t('kept.letGo', { runs: namedRuns(letGo, text) })} onDismiss={dismissLetGo}>
      {text.t('kept.letGo.body')} {keptLimits(text)}
    </Notice>
  );
}
