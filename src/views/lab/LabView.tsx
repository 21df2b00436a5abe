// The prompt lab: where does this token go, and what if it did not?
import { memo, useDeferredValue, useEffect, useRef } from 'react';
import { Button } from '../../components/Button';
import { EmptyState, ErrorState } from '../../components/States';
import { TextField } from '../../components/ChoiceField';
import { PanelCaptionContext } from '../../components/panelCaption';
import { Select } from '../../components/Select';
import { useText } from '../../components/TextContext';
import type { TraceAnswer } from '../../protocol/lab';
import { bootEngine } from '../../stores/connect';
import { useEngine } from '../../stores/engine';
import { chooseModel, useChosenModel } from '../../stores/chosenModel';
import { askChosenModel, askLab, dropContinuation, followRun, setLabText, useLab } from '../../stores/lab';
import { modelKey, modelOfKey, useKnownModels } from '../../stores/models';
import { runInfo, runStep, useRun } from '../../stores/run';
import { loadShelf } from '../../stores/shelf';
import { engineErrorText } from '../train/errorText';
import { Timeline } from '../timeline/Timeline';
import { Attention } from './Attention';
import { Changes } from './Changes';
import { Compare } from './Compare';
import { Cumulative } from './Cumulative';
import { Decision } from './Decision';
import { ExpertTokens } from './ExpertTokens';
import styles from './Lab.module.css';
import { Library } from './Library';
import { modelChoices } from './modelText';
import { NextTokens } from './NextTokens';
import { RouteMap } from './RouteMap';
import { isAboutChanges } from './shown';
import { Strip } from './Strip';
import { Sweeps } from './Sweeps';
import { TraceExport } from './TraceExport';
import { useTraceCaption } from './useCaption';
import { WrittenPanel } from './Written';

export default function LabView() {
  const { t } = useText();
  useQuestions(t('lab.prompt.first'));
  const answer = useLab((state) => state.answer);
  // What stands first is drawn first; a new key need not wait for the rest.
  const later = useDeferredValue(answer);
  return (
    <div className={styles.view}>
      <header>
        <h1>{t('lab.title')}</h1>
        <p className={styles.lead}>{t('lab.lead')}</p>
      </header>
      <Asked />
      <Timeline of="model" />
      {answer && answer.baseline.layers > 0 && <FirstFigures answer={answer} />}
      {later && later.baseline.layers > 0 && <OtherFigures answer={later} />}
    </div>
  );
}

interface FiguresProps {
  readonly answer: TraceAnswer;
}

const FirstFigures = memo(function FirstFigures({ answer }: FiguresProps) {
  return (
    <PanelCaptionContext value={useTraceCaption(answer)}>
      <Changes answer={answer} />
      <Strip answer={answer} />
      <div className={styles.pair}>
        <Decision answer={answer} />
        <NextTokens answer={answer} />
      </div>
    </PanelCaptionContext>
  );
});

const OtherFigures = memo(function OtherFigures({ answer }: FiguresProps) {
  return (
    <PanelCaptionContext value={useTraceCaption(answer)}>
      <RouteMap answer={answer} />
      <ExpertTokens answer={answer} />
      <Cumulative answer={answer} />
      <Attention answer={answer} />
      <WrittenPanel answer={answer} />
      <Compare />
      <Sweeps />
    </PanelCaptionContext>
  );
});

/** Asks as soon as there is an engine, and again whenever the run's weights have moved. */
function useQuestions(first: string): void {
  const isReady = useEngine(({ engine }) => engine.phase === 'ready');
  const step = useRun(({ run }) => (runInfo(run) ? runStep(run) : -1));
  const isFirst = useRef(true);
  useEffect(() => {
    if (useEngine.getState().engine.phase === 'off') void bootEngine();
  }, []);
  useEffect(() => useChosenModel.subscribe(({ model }) => askChosenModel(model)), []);
  useEffect(() => {
    if (!isReady) return;
    if (isFirst.current) {
      isFirst.current = false;
      // So that it can be chosen beside a run.
      void loadShelf();
      if (useLab.getState().text === '') setLabText(first);
      else void askLab();
    } else followRun();
  }, [isReady, step, first]);
}

function Asked() {
  const text = useText();
  const { t, integer } = text;
  const { text: prompt, asked, answer, continuation } = useLab();
  const model = useChosenModel((state) => state.model);
  const models = useKnownModels();
  const inHand = model ?? answer?.model ?? null;
  const isMissing = asked.phase === 'failed' && ['no-run', 'model-unavailable'].includes(asked.error.code);
  return (
    <section className={styles.asked} aria-label={t('lab.prompt')}>
      <TextField label={t('lab.prompt')} value={prompt} onChange={setLabText} multiline />
      <div className={styles.line}>
        {models.length > 1 && inHand && (
          <Select
            label={t('lab.model')}
            options={modelChoices(models, inHand, text)}
            value={modelKey(inHand)}
            onChange={(key) => chooseModel(modelOfKey(key)!)}
          />
        )}
        <Library />
        {answer && answer.baseline.layers > 0 && <TraceExport answer={answer} />}
        {continuation.length > 0 && (
          <Button size="s" icon="close" onPress={dropContinuation}>
            {t('lab.prompt.drop', { count: integer(continuation.length) })}
          </Button>
        )}
        <p className={styles.quiet}>
          {answer ? t('lab.tokens', { count: integer(answer.prompt.ids.length) }) : asked.phase === 'busy' ? t('lab.asking') : ''}
        </p>
      </div>
      {asked.phase === 'failed' &&
        !(answer && isAboutChanges(asked.error)) &&
        (isMissing ? (
          <EmptyState title={t('lab.empty.title')}>{t('lab.empty.body')}</EmptyState>
        ) : (
          <ErrorState title={t('train.problem.title')} what={t('lab.failed', { error: engineErrorText(asked.error, text) })} />
        ))}
    </section>
  );
}
