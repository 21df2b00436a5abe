// A small curve beside a figure: its shape, not its numbers.
import { useRef } from 'react';
import styles from './Sparkline.module.css';
import { useCanvas } from './useCanvas';
import { resolveColor, useTheme } from './useTheme';

interface SparklineProps {
  readonly values: ArrayLike<number>;
  readonly version: number;
  readonly ariaLabel: string;
  /** A horizontal line to compare with. */
  readonly reference?: number;
  readonly color?: string;
  /** CSS px. */
  readonly width?: number;
  readonly height?: number;
}

export function Sparkline({ values, ariaLabel, reference, color = '--accent', width = 96, height = 24 }: SparklineProps) {
  useTheme();
  const canvas = useRef<HTMLCanvasElement>(null);
  useCanvas(canvas, { width, height }, (context, w, h, ratio) => {
    context.clearRect(0, 0, w, h);
    let low = reference ?? Infinity;
    let high = reference ?? -Infinity;
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (!(high >= low)) return;
    const pad = 2 * ratio;
    const y = (value: number) => (high === low ? h / 2 : h - pad - ((value - low) / (high - low)) * (h - 2 * pad));
    if (reference !== undefined) {
      context.fillStyle = resolveColor('--border');
      context.fillRect(0, Math.round(y(reference)), w, 1);
    }
    context.beginPath();
    for (let i = 0; i < values.length; i++) {
      const x = values.length === 1 ? w / 2 : (i / (values.length - 1)) * (w - 2 * ratio) + ratio;
      if (i === 0) context.moveTo(x, y(values[i]!));
      else context.lineTo(x, y(values[i]!));
    }
    context.strokeStyle = resolveColor(color);
    context.lineWidth = 1.5 * ratio;
    context.lineJoin = 'round';
    context.stroke();
  });
  return (
    <span className={styles.sparkline} role="img" aria-label={ariaLabel} style={{ width, height }}>
      <canvas ref={canvas} />
    </span>
  );
}
