// The engine starts in its worker while the page is drawn for the first time: both take about as long, and neither needs the other.
import { useEngine } from '../stores/engine';
import { readPlace } from './url';
import { VIEW_IDS, VIEWS } from './views';

/** Starts the engine where the view that the address names asks a model; that view finds it under way. */
export function startEarly(): void {
  const { view } = readPlace(location.hash, VIEW_IDS);
  if (!VIEWS.find(({ id }) => id === view)?.asksModel) return;
  void import('../stores/connect').then(({ bootEngine }) => {
    if (useEngine.getState().engine.phase === 'off') void bootEngine();
  });
}
