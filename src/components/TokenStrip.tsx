// A text, token by token, each in the colour of something: its expert, its loss. One stop for the keyboard; arrows walk it.
import { memo, useCallback, useId, useRef, type KeyboardEvent } from 'react';
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

interface StripRange {
  readonly from: number;
  readonly to: number;
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
  /** Tokens marked: `from` ≤ index < `to`. */
  readonly range?: StripRange | null;
  /** Tokens are marked by dragging over them or with Shift and an arrow key; Escape takes the mark away. */
  readonly onRange?: (range: StripRange | null) => void;
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
  range = null,
  onRange,
  ariaLabel,
  rest = '',
}: TokenStripProps) {
  const { t } = useText();
  const id = useId();
  const at = hovered !== null && hovered < pieces.length ? hovered : null;
  /** Where the mark began. */
  const anchor = useRef<number | null>(null);
  const markTo = useCallback(
    (index: number): void => {
      const from = (anchor.current ??= index);
      onRange?.({ from: Math.min(from, index), to: Math.max(from, index) + 1 });
    },
    [onRange],
  );
  const enter = useCallback(
    (index: number, isPressed: boolean): void => {
      if (isPressed && anchor.current !== null && anchor.current !== index) markTo(index);
      onHover(index);
    },
    [markTo, onHover],
  );
  const press = useCallback((index: number): void => {
    anchor.current = index;
  }, []);
  const move = (event: KeyboardEvent) => {
    const last = pieces.length - 1;
    const from = at ?? selected ?? -1;
    const next = { ArrowRight: from + 1, ArrowDown: from + 1, ArrowLeft: from - 1, ArrowUp: from - 1, Home: 0, End: last }[
      event.key
    ];
    if ((event.key === 'Enter' || event.key === ' ') && at !== null) onSelect?.(at);
    else if (event.key === 'Escape' && range) onRange?.(null);
    else if (next !== undefined) {
      const to = Math.min(last, Math.max(0, next));
      if (event.shiftKey && onRange) {
        anchor.current ??= Math.max(0, from);
        markTo(to);
      } else anchor.current = to;
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
        className={classes(styles.tokens, onRange && styles.markable)}
        role="listbox"
        tabIndex={0}
        aria-label={ariaLabel}
        aria-orientation="horizontal"
        aria-multiselectable={onRange !== undefined}
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
              isMarked={range !== null && index >= range.from && index < range.to}
              spoken={index === at ? describe(index) : undefined}
              onEnter={enter}
              onPress={press}
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
  readonly isMarked: boolean;
  readonly spoken: string | undefined;
  readonly onEnter: (index: number, isPressed: boolean) => void;
  readonly onPress: (index: number) => void;
  readonly onSelect: ((index: number) => void) | undefined;
}

const Token = memo(function Token(props: TokenProps) {
  const { id, index, piece, color, tag, marked, lit, dimmed, isHovered, isSelected, isMarked, spoken } = props;
  return (
    <span
      id={id}
      role="option"
      aria-selected={isSelected || isMarked}
      aria-label={spoken}
      className={classes(
        styles.token,
        marked && styles.marked,
        lit && styles.lit,
        dimmed && styles.dimmed,
        (isHovered || isSelected) && styles.at,
        isMarked && styles.inRange,
      )}
      style={color ? { borderBottomColor: color } : undefined}
      onPointerEnter={(event) => props.onEnter(index, (event.buttons & 1) > 0)}
      onPointerDown={() => props.onPress(index)}
      onClick={() => props.onSelect?.(index)}
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
