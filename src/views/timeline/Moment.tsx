// The moment under the timeline: who did the work on held-out text then, the bias that chose, and what it wrote.
import { useEffect, useState } from 'react';
import { useText } from '../../components/TextContext';
import { useChosenModel } from '../../stores/chosenModel';
import { useEngine } from '../../stores/engine';
import { useLine, useShownMoment, type Line, type LineMoment } from '../../stores/line';
import { modelKey } from '../../stores/models';
import { leaveMoment, showMoment, useMoment } from '../../stores/moment';
import { useRun } from '../../stores/run';
import { useSamples } from '../../stores/samples';
import { loadShelf } from '../../stores/shelf';
import { MapsOnDemand } from './MapsOnDemand';
import { MomentMaps } from './MomentMaps';
import { MomentText } from './MomentText';

/** What the page's own model writes is as long as a line that one reads at a glance. */
const SHELF_WRITING = { tokens: 48, seed: 1 };

/** Shown while an earlier moment of the run is looked at, and of the page's own model while there is no run. */
export function Moment() {
  const line = useLine('run');
  const moment = useShownMoment(line);
  const isReady = useEngine(({ engine }) => engine.phase === 'ready');
  const isBare = useRun(({ run }) => run.phase === 'none');
  useEffect(() => {
    if (isReady && isBare) void loadShelf();
  }, [isReady, isBare]);
  return line && moment ? <Shown line={line} moment={moment} /> : null;
}

function Shown({ line, moment }: { readonly line: Line; readonly moment: LineMoment }) {
  const { t } = useText();
  const isReady = useEngine(({ engine }) => engine.phase === 'ready');
  const typed = useMoment((state) => state.prompt);
  const asks = useMoment((state) => state.asks);
  const ofSamples = useSamples(({ prompt, results }) => prompt ?? results.at(-1)?.prompt ?? null);
  const isChosen = useChosenModel(({ model }) => model !== null);
  const isRun = line.kind === 'run';
  const prompt = typed ?? (isRun ? ofSamples : null) ?? t('shelf.prompt.first');
  const { sampleTokens, seed } = line.config.train;
  // The page's own model opens with what it writes alone: nobody has asked for more yet.
  const isMeasured = isRun || isChosen;
  const isKnown = useMoment(({ measured }) => measured?.result.step === moment.step);
  // A line that is told anew names the same moment by another object.
  const [model, setModel] = useState(moment.ref);
  if (modelKey(model) !== modelKey(moment.ref)) setModel(moment.ref);
  useEffect(() => {
    if (!isReady) return;
    const writing = isRun ? { tokens: sampleTokens, seed } : SHELF_WRITING;
    void showMoment(model, { prompt, ...writing, isMeasured });
  }, [isReady, model, prompt, asks, isRun, sampleTokens, seed, isMeasured]);
  // Gone from sight, or a run is made: the engine has something better to do.
  useEffect(() => leaveMoment, []);
  return (
    <>
      {isMeasured || isKnown ? <MomentMaps line={line} moment={moment} /> : <MapsOnDemand moment={moment} />}
      <MomentText line={line} moment={moment} prompt={prompt} />
    </>
  );
}
