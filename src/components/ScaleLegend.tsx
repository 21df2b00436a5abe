// What the colours of a scale stand for: its ends and, where it departs from something, the middle.
import { useRef } from 'react';
import { cssColor, scaleColor, type ColorScale, type Domain } from './color';
import styles from './ScaleLegend.module.css';
import { useText } from './TextContext';
import { useCanvas } from './useCanvas';
import { useTheme } from './useTheme';

interface ScaleLegendProps {
  readonly scale: ColorScale;
  readonly domain: Domain;
  readonly format: (value: number) => string;
}

const WIDTH = 96;
const HEIGHT = 8;

export function ScaleLegend({ scale, domain, format }: ScaleLegendProps) {
  const { t } = useText();
  const theme = useTheme();
  const canvas = useRef<HTMLCanvasElement>(null);
  useCanvas(canvas, { width: WIDTH, height: HEIGHT }, (context, width, height) => {
    for (let x = 0; x < width; x++) {
      context.fillStyle = cssColor(scaleColor(scale, theme, x / (width - 1)));
      context.fillRect(x, 0, 1, height);
    }
  });
  const [low, middle, high] = domain.map(format) as [string, string, string];
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
}
