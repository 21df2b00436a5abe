// A text, token by token, each in the colour of something: its expert, its loss. One stop for the keyboard; arrows walk it.
import { memo, useId, type KeyboardEvent } from 'react';
import { classes } from './classes';
import { useText } from './TextContext';
import { ReadingLine } from './ReadingLine';
import styles from './TokenStrip.module.css';

export interface TokenLook {
  /** CSS colour of the mark under the token; null: none. */
  readonly color: string | null;
  /** Short text above the token, e.g. the expert's number; never colour alone. */
  readonly tag?: string;
  /** Draws the token as marked (the bias changed its route). */
  readonly marked?: boolean;
  /** Belongs to the selection (its expert is selected or hovered elsewhere). */
  readonly lit?: boolean;
  /** Recedes because something else is lit. */
  readonly dimmed?: boolean;
}

export interface TokenStripProps {
  readonly pieces: readonly string[];
  readonly look: (index: number) => TokenLook;
  /** What is said of the token under the pointer or focus. */
  readonly describe: (index: number) => string;
  readonly hovered: number | null;
  readonly onHover: (index: number | null) => void;
  readonly selected?: number | null;
  readonly onSelect?: (index: number) => void;
  readonly ariaLabel: string;
  /** Shown in the reading line at rest. */
  readonly rest?: string;
}

export function TokenStrip({
  pieces,
  look,
  describe,
  hovered,
  onHover,
  selected = null,
  onSelect,
  ariaLabel,
  rest = '',
}: TokenStripProps) {
  const { t } = useText();
  const id = useId();
  const at = hovered !== null && hovered < pieces.length ? hovered : null;
  const move = (event: KeyboardEvent) => {
    const last = pieces.length - 1;
    const from = at ?? selected ?? -1;
    const next = { ArrowRight: from + 1, ArrowDown: from + 1, ArrowLeft: from - 1, ArrowUp: from - 1, Home: 0, End: last }[
      event.key
    ];
    if ((event.key === 'Enter' || event.key === ' ') && at !== null) onSelect?.(at);
    else if (next !== undefined) {
      const to = Math.min(last, Math.max(0, next));
      onHover(to);
      document.getElementById(`${id}-${to}`)?.scrollIntoView({ block: 'nearest' });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  if (pieces.length === 0) return <ReadingLine resting>{t('components.tokens.empty')}</ReadingLine>;
  return (
    <div className={styles.strip}>
      <ReadingLine resting={at === null}>{at === null ? rest : describe(at)}</ReadingLine>
      <div
        className={styles.tokens}
        role="listbox"
        tabIndex={0}
        aria-label={ariaLabel}
        aria-orientation="horizontal"
        aria-activedescendant={at === null ? undefined : `${id}-${at}`}
        onKeyDown={move}
        onPointerLeave={() => onHover(null)}
        onBlur={() => onHover(null)}
        onFocus={(event) => {
          if (event.currentTarget.matches(':focus-visible')) onHover(selected ?? 0);
        }}
      >
        {pieces.map((piece, index) => {
          const { color, tag, marked, lit, dimmed } = look(index);
          return (
            <Token
              key={index}
              id={`${id}-${index}`}
              index={index}
              piece={piece}
              color={color}
              tag={tag}
              marked={marked}
              lit={lit}
              dimmed={dimmed}
              isHovered={index === at}
              isSelected={index === selected}
              spoken={index === at ? describe(index) : undefined}
              onHover={onHover}
              onSelect={onSelect}
            />
          );
        })}
      </div>
    </div>
  );
}

interface TokenProps extends TokenLook {
  readonly id: string;
  readonly index: number;
  readonly piece: string;
  readonly isHovered: boolean;
  readonly isSelected: boolean;
  readonly spoken: string | undefined;
  readonly onHover: (index: number | null) => void;
  readonly onSelect: ((index: number) => void) | undefined;
}

const Token = memo(function Token(props: TokenProps) {
  const { id, index, piece, color, tag, marked, lit, dimmed, isHovered, isSelected, spoken, onHover, onSelect } = props;
  return (
    <span
      id={id}
      role="option"
      aria-selected={isSelected}
      aria-label={spoken}
      className={classes(
        styles.token,
        marked && styles.marked,
        lit && styles.lit,
        dimmed && styles.dimmed,
        (isHovered || isSelected) && styles.at,
      )}
      style={color ? { borderBottomColor: color } : undefined}
      onPointerEnter={() => onHover(index)}
      onClick={() => onSelect?.(index)}
    >
      {tag !== undefined && (
        <span className={styles.tag} aria-hidden="true">
          {tag}
        </span>
      )}
      {visible(piece)}
    </span>
  );
});

/** Line breaks, tabs and lone spaces that can be seen; spaces beside letters keep their width. */
function visible(piece: string): string {
  const spaces = /^ +$/.test(piece) ? '␣' : '\u00a0';
  return piece.replace(/ /g, spaces).replace(/\n/g, '↵').replace(/\t/g, '⇥').replace(/\r/g, '␍') || '∅';
}
