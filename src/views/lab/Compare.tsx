// Two texts in one model, or one text in two: which experts each uses, and how far apart they are.
import { useEffect } from 'react';
import { Button } from '../../components/Button';
import { TextField } from '../../components/ChoiceField';
import { Panel } from '../../components/Panel';
import { PanelCaptionContext } from '../../components/panelCaption';
import { ProgressBar } from '../../components/Progress';
import { Select } from '../../components/Select';
import { useText, type TextTools } from '../../components/TextContext';
import { cancelCompare, compare, setCompareSide, useCompare, type CompareAnswer, type CompareSides } from '../../stores/compare';
import { useEngine } from '../../stores/engine';
import { modelKey, modelOfKey, useKnownModels } from '../../stores/models';
import { useOwnPrompts } from '../../stores/ownPrompts';
import { standing } from '../../stores/textChoice';
import { engineErrorText } from '../train/errorText';
import styles from './Compare.module.css';
import { CompareFigures, layerTable } from './CompareFigures';
import { CompareMaps } from './CompareMaps';
import { modelChoices, modelText } from './modelText';
import { useCompareCaption } from './useCaption';
import { optionIdOf, textChoiceText, textOptions } from './textChoiceText';

const SIDES = ['A', 'B'] as const;

export function Compare() {
  const text = useText();
  const { t } = text;
  const { work, answer, isLinked } = useCompare();
  const isReady = useEngine(({ engine }) => engine.phase === 'ready');
  useEffect(() => {
    if (isLinked && isReady) void compare();
  }, [isLinked, isReady]);
  const own = useOwnPrompts(({ prompts }) => prompts.length);
  const result = answer && typeof answer.result !== 'string' ? answer.result : null;
  const words = answer ? sidesText(answer, own, text) : t('compare.lead');
  const caption = useCompareCaption(answer, words);
  return (
    <PanelCaptionContext value={caption}>
      <Panel
        title={t('compare.title')}
        subtitle={words}
        table={answer && result ? () => layerTable(result, answer, text) : undefined}
        exportName={answer ? 'comparison' : undefined}
        fixed={!result}
      >
        <div className={styles.sides} data-export="no">
          <Side index={0} />
          <Side index={1} />
          <Button tone="primary" isDisabled={work.phase === 'running'} onPress={() => void compare()}>
            {t('compare.start')}
          </Button>
        </div>
        {work.phase === 'running' && <ProgressBar label={t('compare.running')} share={work.share} onCancel={cancelCompare} />}
        {work.phase === 'failed' && (
          <p role="alert" className={styles.quiet}>
            {t('lab.failed', { error: engineErrorText(work.error, text) })}
          </p>
        )}
        {answer && !result && <p role="status">{t(answer.result === 'empty' ? 'compare.empty' : 'compare.shapes')}</p>}
        {answer && areOfOtherRuns(answer) && result && <p className={styles.quiet}>{t('compare.otherRuns')}</p>}
        {answer && result && <CompareFigures result={result} answer={answer} />}
      </Panel>
      {answer && result && <CompareMaps result={result} firstLayer={answer.sides[0].firstLayer} />}
    </PanelCaptionContext>
  );
}

function Side({ index }: { readonly index: 0 | 1 }) {
  const text = useText();
  const { t } = text;
  const side = useCompare(({ sides }) => sides[index]);
  const own = useOwnPrompts(({ prompts }) => prompts.length);
  const models = useKnownModels();
  const options = textOptions(own, text);
  const name = { side: SIDES[index] };
  return (
    <div className={styles.side} role="group" aria-label={t(`compare.side.${index}`)}>
      <Select
        label={t('compare.texts', name)}
        options={options}
        value={optionIdOf(standing(side.texts, own))}
        onChange={(id) => setCompareSide(index, { texts: options.find((option) => option.id === id)!.choice })}
      />
      <Select
        label={t('compare.model', name)}
        options={[{ id: 'lab', label: t('compare.model.lab') }, ...modelChoices(models, side.model, text)]}
        value={side.model ? modelKey(side.model) : 'lab'}
        onChange={(id) => setCompareSide(index, { model: modelOfKey(id) })}
      />
      {side.texts.kind === 'typed' && (
        <TextField
          label={t('compare.typed', name)}
          value={side.texts.text}
          onChange={(typed) => setCompareSide(index, { texts: { kind: 'typed', text: typed } })}
          multiline
        />
      )}
    </div>
  );
}

function sidesText({ sides }: CompareAnswer, own: number, text: TextTools): string {
  const [first, second] = sides.map(({ texts, model, step, routes }) =>
    text.t('compare.subtitle.side', {
      texts: textChoiceText(texts, own, text),
      model: modelText(model, text),
      step: text.integer(step),
      tokens: text.integer(routes.ids.length),
    }),
  );
  return text.t('compare.subtitle', { first: first!, second: second! });
}

/** Snapshots of one run number their experts alike; whether an imported model, or a snapshot of another kind, does is not known. */
function areOfOtherRuns({ sides: [{ model: a }, { model: b }] }: CompareAnswer): boolean {
  const runOf = (model: NonNullable<CompareSides[0]['model']>): string => (model.kind === 'imported' ? model.id : model.kind);
  return runOf(a) !== runOf(b);
}
