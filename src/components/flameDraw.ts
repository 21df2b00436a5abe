// The pixels of a flame picture: a coloured edge says the kind of a span, its words stand on a tint of it.
import type { FlameSpan, TimeWindow } from './flameWindow';
import { resolveColor } from './useTheme';

export interface DrawnSpan extends FlameSpan {
  readonly label: string;
  /** CSS colour or custom property. */
  readonly color: string;
}

export interface FlamePicture {
  readonly spans: readonly DrawnSpan[];
  readonly rows: number;
  readonly window: TimeWindow;
  /** Row of the pointer's or keyboard's span; −1: none. */
  readonly lit: number;
  /** CSS px. */
  readonly rowHeight: number;
  readonly gridlines: readonly number[];
}

const EDGE = 3;
const FONT = 11;
/** Below this width there is no room for a word. CSS px. */
const WORD_FROM = 26;

export function drawFlame(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  ratio: number,
  picture: FlamePicture,
): void {
  const { spans, window, lit, rowHeight, gridlines } = picture;
  const scale = width / (window.until - window.from);
  const at = (time: number): number => (time - window.from) * scale;
  context.clearRect(0, 0, width, height);
  context.fillStyle = resolveColor('--grid-line');
  for (const time of gridlines) context.fillRect(Math.round(at(time)), 0, 1, height);
  context.font = `${FONT * ratio}px ${getComputedStyle(context.canvas).fontFamily}`;
  context.textBaseline = 'middle';
  const text = resolveColor('--text');
  for (const [index, span] of spans.entries()) {
    const left = Math.max(0, at(span.start));
    const right = Math.min(width, at(span.end));
    if (right < 0 || left > width || right < left) continue;
    const top = span.row * rowHeight * ratio;
    const tall = (rowHeight - 2) * ratio;
    const wide = Math.max(1, right - left - ratio);
    const color = resolveColor(span.color);
    context.globalAlpha = index === lit ? 0.55 : 0.28;
    context.fillStyle = color;
    context.fillRect(left, top, wide, tall);
    context.globalAlpha = 1;
    context.fillRect(left, top + tall - EDGE * ratio, wide, EDGE * ratio);
    if (wide > WORD_FROM * ratio) {
      context.save();
      context.beginPath();
      context.rect(left, top, wide - 2 * ratio, tall);
      context.clip();
      context.fillStyle = text;
      context.fillText(span.label, left + 4 * ratio, top + (tall - EDGE * ratio) / 2);
      context.restore();
    }
    if (index === lit) {
      context.strokeStyle = resolveColor('--mark');
      context.lineWidth = 2 * ratio;
      context.strokeRect(left + ratio, top + ratio, Math.max(1, wide - 2 * ratio), tall - 2 * ratio);
    }
  }
}
