// The prompt, each token in the colour of its first expert, its margin, its surprise, or what the change did to that.
import { useState } from 'react';
import { cssColor, domainShare, expertColor, scaleColor } from '../../components/color';
import type { TableData } from '../../components/DataTable';
import { Panel } from '../../components/Panel';
import { Segmented } from '../../components/Segmented';
import { useText } from '../../components/TextContext';
import { TokenStrip, type TokenLook } from '../../components/TokenStrip';
import { useTheme } from '../../components/useTheme';
import type { TraceAnswer } from '../../protocol/lab';
import { hoverExpert, hoverToken, litExpert, pinToken, selectLayer, useSelection } from '../../stores/selection';
import { modelText } from './modelText';
import { shownTrace, useFirstLayer, usePlaceIn } from './shown';
import styles from './Lab.module.css';

type ColorBy = 'expert' | 'margin' | 'surprise' | 'change';

/** Nats at which a surprise, and a change of it, has the end of its scale. */
const SURPRISE_END = 10;
const CHANGE_END = 2;

export function Strip({ answer }: { readonly answer: TraceAnswer }) {
  const { t, fixed, signed, integer } = useText();
  const theme = useTheme();
  const [wanted, setWanted] = useState<ColorBy>('expert');
  const { hoveredToken, pinnedToken } = useSelection();
  const lit = useSelection(litExpert);
  const { layer } = usePlaceIn(answer);
  const firstLayer = useFirstLayer(answer);
  const { changed, prompt } = answer;
  const trace = shownTrace(answer);
  const { tokens, layers, expertsPerToken: K } = trace;
  const color: ColorBy = wanted === 'change' && !changed ? 'expert' : wanted;
  const expertsOf = (token: number): number[] => {
    const at = (layer * tokens + token) * K;
    return [...trace.chosen.subarray(at, at + K)].filter((expert) => expert >= 0);
  };
  const number = (value: number, digits = 2): string => (Number.isNaN(value) ? '–' : fixed(value, digits));
  const scaled = (token: number): Pick<TokenLook, 'color' | 'tag'> => {
    switch (color) {
      case 'expert': {
        const [top] = expertsOf(token);
        return { color: expertColor(top!, theme), tag: String(top) };
      }
      case 'margin': {
        const margin = trace.margins[layer * tokens + token]!;
        return { color: cssColor(scaleColor('sequential', theme, Math.min(1, margin * 4))), tag: number(margin) };
      }
      case 'surprise': {
        const nats = trace.surprise[token]!;
        const share = Number.isNaN(nats) ? 0 : Math.min(1, nats / SURPRISE_END);
        return { color: cssColor(scaleColor('sequential', theme, share)), tag: number(nats, 1) };
      }
      case 'change': {
        const nats = changed!.surpriseChange[token]!;
        const share = Number.isNaN(nats) ? 0.5 : domainShare(nats, [-CHANGE_END, 0, CHANGE_END]);
        return { color: cssColor(scaleColor('diverging', theme, share)), tag: Number.isNaN(nats) ? '–' : signed(nats, 2) };
      }
    }
  };
  const look = (token: number): TokenLook => {
    const isLit = lit !== null && expertsOf(token).includes(lit);
    const marked = trace.offsetChanged[layer * tokens + token]! > 0;
    return { ...scaled(token), marked, lit: isLit, dimmed: lit !== null && !isLit };
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
    columns: ['#', t('lab.token.column'), t('train.batch.experts'), t('lab.color.margin'), t('lab.color.surprise')],
    rows: prompt.pieces.map((piece, token) => [
      token,
      piece,
      experts(token),
      trace.margins[layer * tokens + token]!,
      trace.surprise[token]!,
    ]),
  });
  const colors: readonly ColorBy[] = changed ? ['expert', 'margin', 'surprise', 'change'] : ['expert', 'margin', 'surprise'];
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
        <Segmented
          label={t('lab.layer')}
          options={Array.from({ length: layers }, (_, at) => ({
            id: String(at),
            label: t('train.layer', { layer: firstLayer + at }),
          }))}
          value={String(layer)}
          onChange={(at) => selectLayer(Number(at))}
        />
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
        ariaLabel={t('lab.strip.title')}
        rest={t('lab.strip.rest')}
      />
    </Panel>
  );
}
