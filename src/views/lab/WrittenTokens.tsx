// A text as it is written: each token in the colour of its first expert as soon as it was read, and what could have stood in its place.
import { useState } from 'react';
import { Button } from '../../components/Button';
import { expertColor } from '../../components/color';
import { useText } from '../../components/TextContext';
import { TokenStrip, type TokenLook } from '../../components/TokenStrip';
import { useTheme } from '../../components/useTheme';
import type { GeneratedToken, TraceAnswer } from '../../protocol/lab';
import { hoverExpert, litExpert, useSelection } from '../../stores/selection';
import { branchAt, readWritten, useWriting, type Version, type Written } from '../../stores/writing';
import styles from './Lab.module.css';
import { useFirstLayer, usePlaceIn } from './shown';
import { visible } from './tokenLook';

interface Choice {
  readonly expert: number;
  readonly weight: number;
}

/** Experts of the written token `index` in one layer; none until the model has read it. */
function routeOf(tokens: readonly GeneratedToken[], index: number, layer: number): Choice[] {
  const start = tokens[0]!.read.first + tokens[0]!.read.tokens;
  const position = start + index;
  const read = tokens.findLast(({ read: one }) => position >= one.first && position < one.first + one.tokens)?.read;
  if (!read) return [];
  const at = (layer * read.tokens + position - read.first) * read.expertsPerToken;
  return Array.from({ length: read.expertsPerToken }, (_, k) => ({
    expert: read.chosen[at + k]!,
    weight: read.weights[at + k]!,
  })).filter(({ expert }) => expert >= 0);
}

interface WrittenTokensProps {
  readonly version: Version;
  readonly written: Written;
  readonly answer: TraceAnswer;
}

export function WrittenTokens({ version, written: { tokens, text }, answer }: WrittenTokensProps) {
  const { t, fixed, percent, integer } = useText();
  const theme = useTheme();
  const isBusy = useWriting(({ work }) => work.phase === 'busy');
  const { layer } = usePlaceIn(answer);
  const firstLayer = useFirstLayer(answer);
  const lit = useSelection(litExpert);
  const [hovered, setHovered] = useState<number | null>(null);
  const [selected, setSelected] = useState<number | null>(null);
  const look = (index: number): TokenLook => {
    const route = routeOf(tokens, index, layer);
    const top = route[0]?.expert;
    const isLit = lit !== null && route.some(({ expert }) => expert === lit);
    return {
      color: top === undefined ? null : expertColor(top, theme),
      tag: top === undefined ? '·' : String(top),
      lit: isLit,
      dimmed: lit !== null && !isLit,
    };
  };
  const describe = (index: number): string => {
    const { piece, id, alternatives } = tokens[index]!;
    const at = alternatives.ids.indexOf(id);
    const experts = routeOf(tokens, index, layer)
      .map(({ expert, weight }) => `${t('train.expert.short', { expert })} ${fixed(weight, 2)}`)
      .join(', ');
    return t('lab.text.token', {
      piece,
      layer: firstLayer + layer,
      experts: experts || '–',
      probability: at < 0 ? '–' : percent(Math.exp(alternatives.logs[at]!), 1),
    });
  };
  const chosen = selected !== null && selected < tokens.length ? selected : null;
  return (
    <section className={styles.version} aria-label={t(`lab.text.${version}`)}>
      <h3>{t(`lab.text.${version}`)}</h3>
      <TokenStrip
        pieces={tokens.map(({ piece }) => piece)}
        look={look}
        describe={describe}
        hovered={hovered}
        onHover={(index) => {
          setHovered(index);
          hoverExpert(index === null ? null : (routeOf(tokens, index, layer)[0]?.expert ?? null));
        }}
        selected={chosen}
        onSelect={(index) => setSelected(index === selected ? null : index)}
        ariaLabel={t(`lab.text.strip.${version}`)}
        rest={t('lab.text.rest')}
      />
      {chosen !== null && <Alternatives version={version} index={chosen} token={tokens[chosen]!} />}
      {text !== null && <p className={styles.whole}>{text}</p>}
      {text !== null && tokens.length > 0 && (
        <div className={styles.line}>
          <Button size="s" isDisabled={isBusy} onPress={() => readWritten(version)}>
            {t('lab.text.read', { count: integer(tokens.length) })}
          </Button>
        </div>
      )}
    </section>
  );
}

interface AlternativesProps {
  readonly version: Version;
  readonly index: number;
  readonly token: GeneratedToken;
}

/** What could have come in place of a token; a press goes on from it. */
function Alternatives({ version, index, token: { id, piece, alternatives, alternativePieces } }: AlternativesProps) {
  const { t, percent } = useText();
  return (
    <div role="group" aria-label={t('lab.text.alternatives', { piece })}>
      <p className={styles.quiet}>{t('lab.text.alternatives', { piece })}</p>
      <div className={styles.line}>
        {alternativePieces.map((other, place) => {
          const own = alternatives.ids[place]!;
          return (
            <Button
              key={own}
              size="s"
              icon={own === id ? 'check' : undefined}
              aria-label={t('lab.next.go', { piece: other })}
              onPress={() => void branchAt(version, index, own)}
            >
              {visible(other)} <small>{percent(Math.exp(alternatives.logs[place]!), 1)}</small>
            </Button>
          );
        })}
      </div>
    </div>
  );
}
