// Keeps the address bar and the page together: the view and the setup being edited.
import { useCallback, useEffect, useState } from 'react';
import { encodeInterventions } from '../config/interventionLink';
import { notify } from '../components/Notice';
import { setDraft, useConfig } from '../stores/config';
import { compareKey, openCompareLink, useCompare } from '../stores/compare';
import { openLabLink, useLab, type LabState } from '../stores/lab';
import { modelKey, modelOfKey } from '../stores/models';
import { selectLayer, useSelection } from '../stores/selection';
import { setLanguage, useSettings } from '../stores/settings';
import { translate } from '../text/translate';
import { readPlace, writePlace, type LabPlace, type Place } from './url';
import { VIEWS, type ViewId } from './views';

const NAMES = VIEWS.map(({ id }) => id) as [ViewId, ...ViewId[]];

function takeOver(place: Place<ViewId>): void {
  if (place.language) setLanguage(place.language);
  if (place.setup) setDraft(place.setup.config, place.setup.preset);
  if (place.lab) {
    const { text, changes, model, layer, compare } = place.lab;
    openLabLink(text, changes, model === undefined ? null : modelOfKey(model));
    if (layer !== undefined) selectLayer(layer);
    if (compare !== undefined) openCompareLink(compare);
  }
  if (place.broken) {
    const { language } = useSettings.getState();
    notify({
      tone: 'caution',
      title: translate(language, 'app.link.broken.title'),
      body: translate(language, 'app.link.broken.body'),
    });
  }
}

/** Long enough that a slider being dragged does not flood the history. */
const WRITE_AFTER_MS = 300;

export interface PlaceControl {
  readonly view: ViewId;
  readonly open: (view: ViewId) => void;
}

/** The view in sight. Reads the address when it changes, writes it when the view or a valid setup does. */
export function usePlace(): PlaceControl {
  const [view, setView] = useState<ViewId>(() => readPlace(location.hash, NAMES).view);
  useEffect(() => {
    const read = () => {
      const place = readPlace(location.hash, NAMES);
      takeOver(place);
      setView(place.view);
    };
    read();
    addEventListener('hashchange', read);
    return () => removeEventListener('hashchange', read);
  }, []);

  const { draft, preset, errors } = useConfig();
  const valid = errors.length === 0;
  const text = useLab((state) => state.text);
  const interventions = useLab((state) => state.interventions);
  const linked = useLab((state) => state.linked);
  const model = useLab((state) => state.model);
  const layer = useSelection((state) => state.layer);
  const compared = useCompare((state) => state.answer);
  useEffect(() => {
    if (!valid) return;
    const timer = setTimeout(() => {
      const place = writePlace(
        view,
        { config: draft, preset },
        undefined,
        labPlace(view, { text, interventions, linked, model }),
      );
      if (place !== location.hash) history.replaceState(null, '', place);
    }, WRITE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [view, draft, preset, valid, text, interventions, linked, model, layer, compared]);

  const open = useCallback((next: ViewId) => {
    const state = useConfig.getState();
    history.pushState(
      null,
      '',
      writePlace(next, { config: state.draft, preset: state.preset }, undefined, labPlace(next, useLab.getState())),
    );
    setView(next);
  }, []);
  return { view, open };
}

/** What of the lab belongs into the address; changes still to be read stand there as they came. */
function labPlace(
  view: ViewId,
  { text, interventions, linked, model }: Pick<LabState, 'text' | 'interventions' | 'linked' | 'model'>,
): LabPlace | undefined {
  if (view !== 'lab') return undefined;
  // A run, or what was taken in, is in no other browser: there the page's own model answers.
  const isElsewhere = model && model.kind !== 'live' && model.kind !== 'imported';
  return {
    text,
    changes: linked ?? encodeInterventions(interventions.present),
    ...(isElsewhere && { model: modelKey(model) }),
    layer: useSelection.getState().layer,
    ...comparisonPlace(),
  };
}

/** The comparison that is shown, or that a link brought and is still to be made. */
function comparisonPlace(): Pick<LabPlace, 'compare'> {
  const { answer, sides, isLinked } = useCompare.getState();
  return answer || isLinked ? { compare: compareKey(answer?.sides ?? sides) } : {};
}

/** The address of what is set now, for sharing. */
export function currentLink(view: ViewId): string {
  const { draft, preset } = useConfig.getState();
  return new URL(writePlace(view, { config: draft, preset }, undefined, labPlace(view, useLab.getState())), location.href).href;
}
