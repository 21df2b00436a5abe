// The lab as an address holds it: prompt, changes, model, what was held.
import { encodeInterventions } from '../config/interventionLink';
import type { LabPlace } from '../config/labLink';
import { useChosenModel } from './chosenModel';
import { compareKey, openCompareLink, useCompare } from './compare';
import { openLabLink, useLab } from './lab';
import { modelKey, modelOfKey } from './models';
import { selectLayer, useSelection } from './selection';
import { setWriting, useWriting } from './writing';

/** Changes of a link that are still to be read stand there as they came. */
export function labPlaceNow(): LabPlace {
  const { text, continuation, interventions, linked, answer } = useLab.getState();
  const { model } = useChosenModel.getState();
  const { layer, pinnedToken } = useSelection.getState();
  const asked = model ?? answer?.model;
  return {
    text,
    continuation,
    changes: linked ?? encodeInterventions(interventions.present),
    writing: useWriting.getState().settings,
    // A run, or what was taken in, is in no other browser: there the page's own model answers.
    model: asked?.kind === 'shipped' ? modelKey(asked) : '',
    layer,
    token: pinnedToken,
    compare: comparisonPlace(),
  };
}

/** The comparison that is shown, or that a link brought and is still to be made. */
function comparisonPlace(): string {
  const { answer, sides, isLinked } = useCompare.getState();
  return answer || isLinked ? compareKey(answer?.sides ?? sides) : '';
}

/** Tells of every new place; the returned function stops it. */
export function onLabPlace(listener: (place: LabPlace) => void): () => void {
  const tell = (): void => listener(labPlaceNow());
  const stops = [
    useLab.subscribe((now, before) => {
      if (
        now.text !== before.text ||
        now.continuation !== before.continuation ||
        now.interventions !== before.interventions ||
        now.linked !== before.linked ||
        now.answer?.model !== before.answer?.model
      )
        tell();
    }),
    useChosenModel.subscribe(tell),
    useSelection.subscribe((now, before) => {
      if (now.layer !== before.layer || now.pinnedToken !== before.pinnedToken) tell();
    }),
    useCompare.subscribe((now, before) => {
      if (now.answer !== before.answer) tell();
    }),
    useWriting.subscribe((now, before) => {
      if (now.settings !== before.settings) tell();
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

export function openLabPlace({ text, changes, continuation, writing, model, layer, token, compare }: LabPlace): void {
  selectLayer(layer);
  useSelection.setState({ pinnedToken: token });
  setWriting(writing);
  openLabLink({ text, changes, continuation, model: modelOfKey(model) });
  if (compare !== '') openCompareLink(compare);
}
