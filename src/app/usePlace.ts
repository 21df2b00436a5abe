// Keeps the address bar and the page together: the view and the setup being edited.
import { useCallback, useEffect, useState } from 'react';
import type { LabPlace } from '../config/labLink';
import { notify } from '../components/Notice';
import { toolsFor } from '../components/TextContext';
import { setDraft, useConfig } from '../stores/config';
import { labPlaceNow, onLabPlace, openLabPlace } from '../stores/labPlace';
import { setLanguage, useSettings } from '../stores/settings';
import { fieldErrorText } from '../views/train/errorText';
import { readPlace, writePlace, type Place } from './url';
import { VIEW_IDS, type ViewId } from './views';

/** Of what is wrong with a link: a passing notice is no list. */
const FAULTS_SHOWN = 3;

function takeOver(place: Place<ViewId>): void {
  if (place.language) setLanguage(place.language);
  if (place.setup) setDraft(place.setup.config, place.setup.preset);
  if (place.lab) openLabPlace(place.lab);
  if (place.faults.length > 0) {
    const { language } = useSettings.getState();
    const words = toolsFor(language);
    const faults = place.faults.slice(0, FAULTS_SHOWN).map((fault) => fieldErrorText(fault, words));
    notify({
      tone: 'caution',
      title: words.t('app.link.broken.title'),
      body: [...faults, words.t('app.link.broken.body')].join(' '),
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
  const [view, setView] = useState<ViewId>(() => readPlace(location.hash, VIEW_IDS).view);
  useEffect(() => {
    const read = (hash: string) => {
      const place = readPlace(hash, VIEW_IDS);
      takeOver(place);
      setView(place.view);
    };
    read(location.hash);
    // Of the event, not the address bar: a write that was due may have run between the change and its event.
    const onHashChange = ({ newURL }: HashChangeEvent) => read(new URL(newURL).hash);
    addEventListener('hashchange', onHashChange);
    return () => removeEventListener('hashchange', onHashChange);
  }, []);

  const { draft, preset, errors } = useConfig();
  const valid = errors.length === 0;
  const [asked, setAsked] = useState(labPlaceNow);
  useEffect(() => onLabPlace(setAsked), []);
  useEffect(() => {
    if (!valid) return;
    const timer = setTimeout(() => {
      const place = writePlace(view, { config: draft, preset }, undefined, labPlace(view));
      if (place !== location.hash) history.replaceState(null, '', place);
    }, WRITE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [view, draft, preset, valid, asked]);

  const open = useCallback((next: ViewId) => {
    const state = useConfig.getState();
    history.pushState(null, '', writePlace(next, { config: state.draft, preset: state.preset }, undefined, labPlace(next)));
    setView(next);
  }, []);
  return { view, open };
}

/** What of the lab belongs into the address. */
const labPlace = (view: ViewId): LabPlace | undefined => (view === 'lab' ? labPlaceNow() : undefined);

/** The address of what is set now, for sharing. */
export function currentLink(view: ViewId): string {
  const { draft, preset } = useConfig.getState();
  return new URL(writePlace(view, { config: draft, preset }, undefined, labPlace(view)), location.href).href;
}
