// A canvas that follows the size of its frame and the pixels of the screen, drawn at most once a frame.
import { useEffect, useRef, useState, type RefObject } from 'react';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Size of an element in CSS px, kept up to date; 0 × 0 before it is known. */
export function useSize(element: RefObject<HTMLElement | null>): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    const observer = new ResizeObserver(([entry]) => {
      if (!entry) return;
      const { width, height } = entry.contentRect;
      setSize((known) => (known.width === width && known.height === height ? known : { width, height }));
    });
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return size;
}

/** Draws in device px: `ratio` of them make a CSS px. */
export type Draw = (context: CanvasRenderingContext2D, width: number, height: number, ratio: number) => void;

/**
 * Draws after every render with the newest `draw`, coalesced to one a frame; a hidden page draws nothing until it is seen again.
 * `width` and `height` in CSS px.
 */
export function useCanvas(canvas: RefObject<HTMLCanvasElement | null>, { width, height }: Size, draw: Draw): void {
  const newest = useRef(draw);
  const frame = useRef(0);
  useEffect(() => {
    newest.current = draw;
    if (frame.current || width <= 0 || height <= 0) return;
    frame.current = requestAnimationFrame(() => {
      frame.current = 0;
      const target = canvas.current;
      const context = target?.getContext('2d');
      if (!target || !context) return;
      const ratio = window.devicePixelRatio || 1;
      // As told, not as measured: measuring here would lay the page out in the middle of a frame.
      const deviceWidth = Math.round(width * ratio);
      const deviceHeight = Math.round(height * ratio);
      if (target.width !== deviceWidth || target.height !== deviceHeight) {
        target.width = deviceWidth;
        target.height = deviceHeight;
      }
      newest.current(context, deviceWidth, deviceHeight, ratio);
    });
  });
  useEffect(
    () => () => {
      cancelAnimationFrame(frame.current);
      frame.current = 0;
    },
    [],
  );
}
