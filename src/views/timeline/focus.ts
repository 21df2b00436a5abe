// A press that takes its own button away leads the focus to the line of moments, or to where the run stands; never to the top of the page.
import { useEffect } from 'react';
import { useKept, type KeptState } from '../../stores/kept';

/** Of the line of moments: there is one on a page. */
export const SLIDER_ID = 'moment-slider';
/** Of the words that say where the run stands. */
export const STATUS_ID = 'run-status';

export function focusLine(): void {
  (document.getElementById(SLIDER_ID) ?? document.getElementById(STATUS_ID))?.focus();
}

/** A run has been brought back, stepped back, branched off, or discarded: or that failed. */
const isOver = (now: KeptState, before: KeptState): boolean =>
  (before.isBusy && !now.isBusy) || now.kept.runs.length < before.kept.runs.length;

/** What had the focus is gone only when the page has been drawn anew. */
const afterDrawing = (then: () => void): void => void requestAnimationFrame(() => requestAnimationFrame(then));

/** Finds the focus a new place when a run takes the place of another. */
export function useFocusAfterTravel(): void {
  useEffect(
    () =>
      useKept.subscribe((now, before) => {
        if (!isOver(now, before)) return;
        afterDrawing(() => {
          if (document.activeElement === null || document.activeElement === document.body) focusLine();
        });
      }),
    [],
  );
}
