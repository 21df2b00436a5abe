// What the colours of a scale stand for: its ends and, where it departs from something, the middle.
import { memo, useEffect, useRef } from 'react';
import { cssColor, scaleColor, type ColorScale } from './color';
import { tellShapes } from './figureMarks';
import styles from './ScaleLegend.module.css';
import { useText } from './TextContext';
import { useCanvas } from './useCanvas';
import { useTheme } from './useTheme';

interface ScaleLegendProps {
  readonly scale: ColorScale;
  /** The ends and the middle, written. */
  readonly low: string;
  readonly middle: string;
  readonly high: string;
}

const WIDTH = 96;
const HEIGHT = 8;
/** Boxes of the scale in a picture made of shapes. */
const SHADES = 48;

/** Drawn again only when what it says changes, not with every step of the figure. */
export const ScaleLegend = memo(function ScaleLegend({ scale, low, middle, high }: ScaleLegendProps) {
  const { t } = useText();
  const theme = useTheme();
  const canvas = useRef<HTMLCanvasElement>(null);
  useCanvas(canvas, { width: WIDTH, height: HEIGHT }, (context, width, height) => {
    for (let x = 0; x < width; x++) {
      context.fillStyle = cssColor(scaleColor(scale, theme, x / (width - 1)));
      context.fillRect(x, 0, 1, height);
    }
  });
  useEffect(() => {
    if (!canvas.current) return;
    tellShapes(canvas.current, (width, height) =>
      Array.from({ length: SHADES }, (_, at) => {
        const color = cssColor(scaleColor(scale, theme, at / (SHADES - 1)));
        return { kind: 'box', x: (at * width) / SHADES, y: 0, width: width / SHADES, height, color };
      }),
    );
  }, [scale, theme]);
  return (
    <div className={styles.legend} role="img" aria-label={t('components.heatmap.scale', { low, high })}>
      <span>{low}</span>
      <span className={styles.bar}>
        <canvas ref={canvas} width={WIDTH} height={HEIGHT} />
        {scale === 'diverging' && <span className={styles.middle}>{middle}</span>}
      </span>
      <span>{high}</span>
    </div>
  );
});
