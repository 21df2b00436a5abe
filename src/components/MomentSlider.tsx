// Moments along a line, the newest at its right end: dragged or walked with the arrow keys, it stops at moments only.
import { useRef, type KeyboardEvent, type PointerEvent } from 'react';
import { classes } from './classes';
import styles from './MomentSlider.module.css';

export interface SliderMoment {
  /** 0 … 1 along the line, in ascending order. */
  readonly place: number;
  /** As spoken: its step and tokens. */
  readonly label: string;
  /** Drawn larger: it can be gone on from. */
  readonly isStrong: boolean;
}

interface MomentSliderProps {
  readonly id?: string;
  readonly moments: readonly SliderMoment[];
  readonly value: number;
  readonly onChange: (index: number) => void;
  readonly ariaLabel: string;
}

export function MomentSlider({ id, moments, value, onChange, ariaLabel }: MomentSliderProps) {
  const line = useRef<HTMLDivElement>(null);
  const last = moments.length - 1;
  const choose = (index: number): void => {
    const next = Math.min(last, Math.max(0, index));
    if (next !== value) onChange(next);
  };
  const nearest = ({ clientX }: PointerEvent): number => {
    const { left, width } = line.current!.getBoundingClientRect();
    const at = (clientX - left) / width;
    let best = 0;
    for (const [index, { place }] of moments.entries())
      if (Math.abs(place - at) < Math.abs(moments[best]!.place - at)) best = index;
    return best;
  };
  const onKey = (event: KeyboardEvent): void => {
    const to = { ArrowLeft: value - 1, ArrowDown: value - 1, ArrowRight: value + 1, ArrowUp: value + 1, Home: 0, End: last }[
      event.key
    ];
    if (to === undefined) return;
    event.preventDefault();
    choose(to);
  };
  return (
    <div
      id={id}
      className={styles.slider}
      role="slider"
      tabIndex={0}
      aria-label={ariaLabel}
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={value}
      aria-valuetext={moments[value]?.label}
      onKeyDown={onKey}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        choose(nearest(event));
      }}
      onPointerMove={(event) => event.buttons > 0 && choose(nearest(event))}
    >
      <div ref={line} className={styles.line}>
        {moments.map(({ place, label, isStrong }, index) => (
          <span
            key={label}
            className={classes(styles.moment, isStrong && styles.strong, index === value && styles.chosen)}
            style={{ left: `${100 * place}%` }}
          />
        ))}
      </div>
    </div>
  );
}
