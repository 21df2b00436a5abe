// The layer that strip, decision, biases and maps speak of: chosen in one place, the same everywhere.
import { Segmented } from '../../components/Segmented';
import { useText } from '../../components/TextContext';
import type { TraceAnswer } from '../../protocol/lab';
import { selectLayer } from '../../stores/selection';
import { useFirstLayer, usePlaceIn } from './shown';

export function LayerPicker({ answer }: { readonly answer: TraceAnswer }) {
  const { t } = useText();
  const { layer } = usePlaceIn(answer);
  const firstLayer = useFirstLayer(answer);
  return (
    <Segmented
      label={t('lab.layer')}
      options={Array.from({ length: answer.baseline.layers }, (_, at) => ({
        id: String(at),
        label: t('train.layer', { layer: firstLayer + at }),
      }))}
      value={String(layer)}
      onChange={(at) => selectLayer(Number(at))}
    />
  );
}
