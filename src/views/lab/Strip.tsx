// The prompt, each token in the colour of its first expert, its margin, its surprise, or what the change did to that.
import { useState } from 'react';
import type { TableData } from '../../components/DataTable';
import { Panel } from '../../components/Panel';
import { Select } from '../../components/Select';
import { Segmented } from '../../components/Segmented';
import { useText } from '../../components/TextContext';
import { TokenStrip, type TokenLook } from '../../components/TokenStrip';
import { useTheme } from '../../components/useTheme';
import type { TraceAnswer } from '../../protocol/lab';
import { mapsFor, useAttention } from '../../stores/attention';
import { hoverExpert, hoverToken, litExpert, pinToken, selectTokens, useSelection } from '../../stores/selection';
import { LayerPicker } from './LayerPicker';
import { modelText } from './modelText';
import { shownTrace, useFirstLayer, usePlaceIn } from './shown';
import { COLORS, markOf, type ColorBy, type Marked } from './tokenLook';
import styles from './Lab.module.css';

export function Strip({ answer }: { readonly answer: TraceAnswer }) {
  const text = useText();
  const { t, fixed, signed, integer } = text;
  const theme = useTheme();
  const [wanted, setWanted] = useState<ColorBy>('expert');
  const { hoveredToken, pinnedToken, tokenRange } = useSelection();
  const lit = useSelection(litExpert);
  const { layer, token: from } = usePlaceIn(answer);
  const { maps: attention, head } = useAttention();
  const [gateOf, setGateOf] = useState<number | null>(null);
  const firstLayer = useFirstLayer(answer);
  const { changed, prompt } = answer;
  const trace = shownTrace(answer);
  const { tokens, expertsPerToken: K } = trace;
  const color: ColorBy = wanted === 'change' && !changed ? 'expert' : wanted;
  const expertsOf = (token: number): number[] => {
    const at = (layer * tokens + token) * K;
    return [...trace.chosen.subarray(at, at + K)].filter((expert) => expert >= 0);
  };
  const number = (value: number, digits = 2): string => (Number.isNaN(value) ? '–' : fixed(value, digits));
  const attended = mapsFor(attention, answer);
  const gated = Math.min(gateOf ?? trace.chosen[(layer * tokens + from) * K]!, trace.experts - 1);
  const marked: Marked = {
    trace,
    layer,
    expert: gated,
    from,
    head: Math.min(head, (attended?.heads ?? 1) - 1),
    attention: attended,
    surpriseChange: changed?.surpriseChange ?? null,
  };
  const look = (token: number): TokenLook => {
    const isLit = lit !== null && expertsOf(token).includes(lit);
    const byBias = trace.offsetChanged[layer * tokens + token]! > 0;
    return { ...markOf(color, token, marked, theme, text), marked: byBias, lit: isLit, dimmed: lit !== null && !isLit };
  };
  const experts = (token: number): string =>
    expertsOf(token)
      .map((expert, k) => `${t('train.expert.short', { expert })} ${fixed(trace.weights[(layer * tokens + token) * K + k]!, 2)}`)
      .join(', ');
  const describe = (token: number): string => {
    const margin = fixed(trace.margins[layer * tokens + token]!, 3);
    const line = t('lab.token', {
      piece: prompt.pieces[token]!,
      experts: experts(token),
      margin,
      surprise: number(trace.surprise[token]!),
    });
    if (!changed) return line;
    const change = changed.surpriseChange[token]!;
    const said = { change: Number.isNaN(change) ? '–' : signed(change, 3), divergence: number(changed.divergence[token]!, 4) };
    return `${line} · ${t('lab.token.change', said)}`;
  };
  const table = (): TableData => ({
    caption: t('lab.strip.title'),
    columns: [
      '#',
      t('lab.token.column'),
      t('train.batch.experts'),
      t('lab.color.margin'),
      t('lab.color.changedShare'),
      t('lab.color.surprise'),
    ],
    rows: prompt.pieces.map((piece, token) => [
      token,
      piece,
      experts(token),
      trace.margins[layer * tokens + token]!,
      trace.offsetChanged[layer * tokens + token]!,
      trace.surprise[token]!,
    ]),
  });
  const colors = COLORS.filter((one) => one !== 'change' || changed);
  return (
    <Panel
      title={t('lab.strip.title')}
      subtitle={t('lab.strip.subtitle', {
        layer: firstLayer + layer,
        model: modelText(answer.model, { t }),
        step: integer(answer.step),
      })}
      table={table}
      exportName="prompt"
    >
      <div className={styles.line}>
        <Segmented
          label={t('lab.strip.color')}
          options={colors.map((id) => ({ id, label: t(`lab.color.${id}`) }))}
          value={color}
          onChange={setWanted}
        />
        <LayerPicker answer={answer} />
        {color === 'gate' && (
          <Select
            label={t('lab.color.expertOf')}
            labelHidden
            options={Array.from({ length: trace.experts }, (_, expert) => ({
              id: String(expert),
              label: t('train.expert', { expert }),
            }))}
            value={String(gated)}
            onChange={(id) => setGateOf(Number(id))}
          />
        )}
      </div>
      <TokenStrip
        pieces={prompt.pieces}
        look={look}
        describe={describe}
        hovered={hoveredToken}
        onHover={(token) => {
          hoverToken(token);
          hoverExpert(token === null ? null : (expertsOf(token)[0] ?? null));
        }}
        selected={pinnedToken}
        onSelect={pinToken}
        range={tokenRange}
        onRange={selectTokens}
        ariaLabel={t('lab.strip.title')}
        rest={t('lab.strip.rest')}
      />
    </Panel>
  );
}
