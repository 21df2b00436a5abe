// Before anything is trained here: a model that was, at every rung of its run. Its text, and the way of every token through the experts.
import { useEffect, useState } from 'react';
import { mean } from '../../core/stats';
import type { ShelfManifest } from '../../checkpoint/shelf';
import { Badge } from '../../components/Badge';
import { Button } from '../../components/Button';
import { TextField } from '../../components/ChoiceField';
import { expertColor } from '../../components/color';
import type { TableData } from '../../components/DataTable';
import { Panel } from '../../components/Panel';
import { Segmented } from '../../components/Segmented';
import { useText } from '../../components/TextContext';
import { TokenStrip, type TokenLook } from '../../components/TokenStrip';
import { useTheme } from '../../components/useTheme';
import { useEngine } from '../../stores/engine';
import { useRun } from '../../stores/run';
import { selectLayer, useSelection } from '../../stores/selection';
import {
  leaveShelf,
  lookAtSnapshot,
  openShelf,
  shownSnapshot,
  useShelf,
  writeFromShelf,
  type ShelfWriting,
} from '../../stores/shelf';
import { engineErrorText } from './errorText';
import styles from './Train.module.css';

/** Shown only while there is no run: then the page has a model of its own to show. */
export function ShelfPanel() {
  const { t } = useText();
  const isIdle = useRun(({ run }) => run.phase === 'none');
  const isReady = useEngine(({ engine }) => engine.phase === 'ready');
  const manifest = useShelf((state) => state.manifest);
  const first = t('shelf.prompt.first');
  useEffect(() => {
    if (!isIdle) leaveShelf();
    else if (isReady) void openShelf(first);
  }, [isIdle, isReady, first]);
  if (!isIdle || !manifest || manifest === 'missing') return null;
  return <Snapshots manifest={manifest} />;
}

function Snapshots({ manifest }: { readonly manifest: ShelfManifest }) {
  const text = useText();
  const { t, integer, fixed, compact } = text;
  const state = useShelf();
  const [draft, setDraft] = useState<string | null>(null);
  const { index, writing, work } = state;
  const snapshot = shownSnapshot(state)!;
  const { batchSize, sequenceLength } = manifest.config.train;
  const { baselines, snapshots } = manifest;
  const table = (): TableData => ({
    caption: t('shelf.table'),
    columns: [t('shelf.step'), t('shelf.tokens'), t('shelf.loss'), 'MaxVio'],
    rows: snapshots.map(({ step, nats, maxVioGlobal }) => [step, step * batchSize * sequenceLength, nats, mean(maxVioGlobal)]),
  });
  return (
    <Panel
      title={t('shelf.title')}
      subtitle={t('shelf.subtitle', {
        name: manifest.name,
        step: integer(snapshot.step),
        tokens: compact(snapshot.step * batchSize * sequenceLength),
        loss: fixed(snapshot.nats, 2),
        unigram: fixed(baselines.unigram, 2),
        bigram: fixed(baselines.bigram, 2),
      })}
      actions={<Badge tone="accent">{t('shelf.badge')}</Badge>}
      table={table}
      exportName="snapshots"
    >
      <div className={styles.stack}>
        <div>
          <Segmented
            label={t('shelf.choose')}
            options={snapshots.map(({ step }, at) => ({ id: String(at), label: integer(step) }))}
            value={String(index)}
            onChange={(at) => void lookAtSnapshot(Number(at))}
          />
        </div>
        <form
          className={styles.promptLine}
          onSubmit={(event) => {
            event.preventDefault();
            void writeFromShelf(draft ?? state.prompt);
          }}
        >
          <TextField label={t('train.sample.prompt')} value={draft ?? state.prompt} onChange={setDraft} />
          <Button type="submit" isDisabled={work.phase === 'writing'}>
            {t(work.phase === 'writing' ? 'train.sample.writing' : 'train.sample.now')}
          </Button>
        </form>
        {work.phase === 'failed' && (
          <p className={styles.quiet} role="alert">
            {t('train.sample.failed', { error: engineErrorText(work.error, text) })}
          </p>
        )}
        {work.phase === 'writing' && (
          <p className={styles.sample} tabIndex={0}>
            {work.text}
          </p>
        )}
        {work.phase !== 'writing' && writing && <Routes writing={writing} manifest={manifest} />}
      </div>
    </Panel>
  );
}

/** The written text, each token in the colour of its best-scoring expert in the chosen layer. */
function Routes({ writing, manifest }: { readonly writing: ShelfWriting; readonly manifest: ShelfManifest }) {
  const { t, fixed } = useText();
  const theme = useTheme();
  const chosenLayer = useSelection((state) => state.layer);
  const [hovered, setHovered] = useState<number | null>(null);
  const { trace, pieces } = writing;
  const layer = Math.min(chosenLayer, trace.layers - 1);
  const { tokens, expertsPerToken: K } = trace;
  const first = (token: number): number => (layer * tokens + token) * K;
  const look = (token: number): TokenLook => {
    const top = trace.chosen[first(token)]!;
    return { color: expertColor(top, theme), tag: String(top), marked: trace.offsetChanged[layer * tokens + token]! > 0 };
  };
  const describe = (token: number): string => {
    const experts = Array.from({ length: K }, (_, k) => {
      const name = t('train.expert.short', { expert: trace.chosen[first(token) + k]! });
      return `${name} ${fixed(trace.weights[first(token) + k]!, 2)}`;
    }).join(', ');
    const surprise = trace.surprise[token]!;
    const loss = Number.isNaN(surprise) ? '–' : fixed(surprise, 2);
    return t('shelf.token', { piece: pieces[token]!, experts, surprise: loss });
  };
  const { firstKDenseReplace } = manifest.config.model;
  return (
    <>
      <div>
        <Segmented
          label={t('shelf.layer')}
          options={Array.from({ length: trace.layers }, (_, at) => ({
            id: String(at),
            label: t('train.layer', { layer: firstKDenseReplace + at }),
          }))}
          value={String(layer)}
          onChange={(at) => selectLayer(Number(at))}
        />
      </div>
      <TokenStrip
        pieces={pieces}
        look={look}
        describe={describe}
        hovered={hovered}
        onHover={setHovered}
        ariaLabel={t('shelf.strip')}
        rest={t('shelf.rest')}
      />
    </>
  );
}
