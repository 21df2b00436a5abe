// What a moment writes after a prompt, each token in the colour of its best-scoring expert in the chosen layer.
import { useState } from 'react';
import { mean } from '../../core/stats';
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
import { tokensAt, type Line, type LineMoment } from '../../stores/line';
import { setMomentPrompt, useMoment, type MomentWriting } from '../../stores/moment';
import { selectLayer, useSelection } from '../../stores/selection';
import { shownSnapshot, useShelf } from '../../stores/shelf';
import { engineErrorText } from '../train/errorText';
import styles from '../train/Train.module.css';

interface MomentTextProps {
  readonly line: Line;
  readonly moment: LineMoment;
  readonly prompt: string;
}

export function MomentText({ line, moment, prompt }: MomentTextProps) {
  const text = useText();
  const { t } = text;
  const { writing, soFar, work } = useMoment();
  const [draft, setDraft] = useState<string | null>(null);
  const about = useAbout(line, moment);
  return (
    <Panel {...about}>
      <div className={styles.stack}>
        <form
          className={styles.promptLine}
          onSubmit={(event) => {
            event.preventDefault();
            setMomentPrompt(draft ?? prompt);
          }}
        >
          <TextField label={t('train.sample.prompt')} value={draft ?? prompt} onChange={setDraft} />
          <Button type="submit" isDisabled={soFar !== null}>
            {t(soFar !== null ? 'train.sample.writing' : 'train.sample.now')}
          </Button>
        </form>
        {work.phase === 'failed' && (
          <p className={styles.quiet} role="alert">
            {t('timeline.failed', { error: engineErrorText(work.error, text) })}
          </p>
        )}
        {(soFar !== null || (writing && !writing.read)) && (
          <p className={styles.sample} tabIndex={0}>
            {soFar ?? writing?.text}
          </p>
        )}
        {soFar === null && writing?.read && (
          <Routes read={writing.read} step={writing.step} firstLayer={line.config.model.firstKDenseReplace} />
        )}
      </div>
    </Panel>
  );
}

/** Title, subtitle and what else the panel says: of the page's own model all that was measured when it was made. */
function useAbout(line: Line, moment: LineMoment) {
  const { t, integer, fixed, compact } = useText();
  const { manifest } = useShelf();
  if (line.kind === 'run' || !manifest || manifest === 'missing')
    return { title: t('timeline.written'), subtitle: t('train.sample.subtitle', { step: integer(moment.step) }) };
  const { baselines, snapshots } = manifest;
  const table = (): TableData => ({
    caption: t('shelf.table'),
    columns: [t('shelf.step'), t('shelf.tokens'), t('shelf.loss'), 'MaxVio'],
    rows: snapshots.map(({ step, nats, maxVioGlobal }) => [step, tokensAt(line, step), nats, mean(maxVioGlobal)]),
  });
  return {
    title: t('shelf.title'),
    subtitle: t('shelf.subtitle', {
      name: manifest.name,
      step: integer(moment.step),
      tokens: compact(tokensAt(line, moment.step)),
      loss: fixed(shownSnapshot({ manifest }, moment.ref)!.nats, 2),
      unigram: fixed(baselines.unigram, 2),
      bigram: fixed(baselines.bigram, 2),
    }),
    actions: <Badge tone="accent">{t('shelf.badge')}</Badge>,
    table,
    exportName: 'snapshots',
  };
}

interface RoutesProps {
  readonly read: NonNullable<MomentWriting['read']>;
  /** Of the moment that wrote. */
  readonly step: number;
  /** Number in the model of the first layer that routes. */
  readonly firstLayer: number;
}

function Routes({ read: { trace, pieces }, step, firstLayer }: RoutesProps) {
  const { t, integer, fixed } = useText();
  const theme = useTheme();
  const chosenLayer = useSelection((state) => state.layer);
  const [hovered, setHovered] = useState<number | null>(null);
  const layer = Math.max(0, Math.min(chosenLayer, trace.layers - 1));
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
    return t('shelf.token', { piece: pieces[token]!, experts, surprise: fixed(trace.surprise[token]!, 2) });
  };
  if (trace.layers === 0) return <p className={styles.sample}>{pieces.slice(1).join('')}</p>;
  return (
    <>
      <div>
        <Segmented
          label={t('shelf.layer')}
          options={Array.from({ length: trace.layers }, (_, at) => ({
            id: String(at),
            label: t('train.layer', { layer: firstLayer + at }),
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
        rest={t('shelf.rest', { step: integer(step) })}
      />
    </>
  );
}
