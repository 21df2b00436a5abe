// The text being trained on: each token in the colour of its top expert in the chosen layer, with a mark where the bias chose.
import { memo, useCallback, useDeferredValue } from 'react';
import { moeLayerCount } from '../../config/modelConfig';
import { classes } from '../../components/classes';
import { expertColor } from '../../components/color';
import type { TableData } from '../../components/DataTable';
import { Panel } from '../../components/Panel';
import { useText } from '../../components/TextContext';
import { TokenStrip, type TokenLook } from '../../components/TokenStrip';
import { useTheme } from '../../components/useTheme';
import type { BatchWindow } from '../../protocol/events';
import { useBatch } from '../../stores/batch';
import { useCorpus } from '../../stores/corpus';
import { hoverExpert, hoverToken, litExpert, pinExpert, pinToken, useSelection } from '../../stores/selection';
import { layerNumber, useRunConfig } from './shown';
import styles from './Train.module.css';
import { useStepsBehind } from './useStepsBehind';

export function Batch() {
  const { t } = useText();
  const window = useDeferredValue(useBatch((state) => state.window));
  const config = useRunConfig();
  const isBehind = useStepsBehind();
  if (moeLayerCount(config.model) === 0) return null;
  if (!window || window.layers === 0) {
    return (
      <Panel title={t('train.batch.title')} fixed>
        <p className={styles.quiet}>{t(isBehind ? 'train.batch.empty.next' : 'train.batch.empty')}</p>
        <TextNotes />
      </Panel>
    );
  }
  return <Strip window={window} />;
}

/** What one should know of the text: how documents follow each other, and that there is more of it. */
function TextNotes() {
  const { t } = useText();
  const small = useCorpus(({ corpus }) => corpus.phase === 'ready' && corpus.info.variant === 'small');
  return (
    <p className={classes(styles.quiet, styles.textNote)}>
      {t('train.text.note')} {small && t('train.corpus.small.note')}
    </p>
  );
}

const Strip = memo(function Strip({ window }: { readonly window: BatchWindow }) {
  const { t, integer, fixed, percent } = useText();
  const theme = useTheme();
  const config = useRunConfig();
  const chosenLayer = useSelection((state) => state.layer);
  const expert = useSelection(litExpert);
  const hoveredToken = useSelection((state) => state.hoveredToken);
  const pinnedToken = useSelection((state) => state.pinnedToken);
  const pinnedExpert = useSelection((state) => state.pinnedExpert);
  const layer = Math.min(chosenLayer, window.layers - 1);
  const { tokens, expertsPerToken: K } = window;
  const first = (token: number): number => (layer * tokens + token) * K;
  const uses = (token: number, candidate: number): boolean =>
    window.chosen.subarray(first(token), first(token) + K).includes(candidate);
  const bias = (token: number): boolean => window.biasChanged[layer * tokens + token] === 1;
  const range = Array.from({ length: tokens }, (_, token) => token);

  const look = (token: number): TokenLook => {
    const top = window.chosen[first(token)]!;
    const lit = expert !== null && uses(token, expert);
    return { color: expertColor(top, theme), tag: String(top), marked: bias(token), lit, dimmed: expert !== null && !lit };
  };
  const experts = (token: number): string =>
    Array.from(
      { length: K },
      (_, k) =>
        `${t('train.expert.short', { expert: window.chosen[first(token) + k]! })} ${fixed(window.weights[first(token) + k]!, 2)}`,
    ).join(', ');
  const describe = (token: number): string =>
    t('train.batch.token', { piece: window.pieces[token]!, experts: experts(token), loss: fixed(window.loss[token]!, 2) }) +
    (bias(token) ? ` · ${t('train.batch.token.bias')}` : '');
  const onHover = useCallback(
    (token: number | null) => {
      hoverToken(token);
      hoverExpert(token === null ? null : window.chosen[(layer * tokens + token) * K]!);
    },
    [window, layer, tokens, K],
  );
  const onSelect = useCallback(
    (token: number) => {
      const top = window.chosen[(layer * tokens + token) * K]!;
      if (pinnedToken === token || pinnedExpert !== top) pinExpert(top);
      pinToken(token);
    },
    [window, layer, tokens, K, pinnedToken, pinnedExpert],
  );
  const table = (): TableData => ({
    caption: t('train.batch.title'),
    columns: ['#', t('train.loss.tokens'), t('train.batch.experts'), t('train.balance.biasChanged'), t('train.loss.title')],
    rows: range.map((token) => [token, window.pieces[token]!, experts(token), bias(token) ? '◥' : '', window.loss[token]!]),
  });
  const changed = range.filter(bias).length / tokens;
  const here = expert === null ? 0 : range.filter((token) => uses(token, expert)).length;
  const rest =
    expert === null
      ? t('train.batch.rest')
      : t('train.batch.expert', { expert: t('train.expert', { expert }), count: integer(here), tokens: integer(tokens) });
  return (
    <Panel
      title={t('train.batch.title')}
      subtitle={`${t('train.batch.subtitle', { step: integer(window.step), layer: layerNumber(config, layer), tokens: integer(tokens) })} · ${t('train.batch.biasChanged', { share: percent(changed, 0) })}`}
      table={table}
      className={styles.batch}
    >
      <TokenStrip
        pieces={window.pieces}
        look={look}
        describe={describe}
        hovered={hoveredToken}
        onHover={onHover}
        selected={pinnedToken}
        onSelect={onSelect}
        ariaLabel={t('train.batch.title')}
        rest={rest}
      />
      <TextNotes />
    </Panel>
  );
});
