// The pixels of load and bias: what each expert got above the axis between, how its bias answers below it.
import { cssColor, domainShare, scaleColor, type Domain, type Theme } from './color';

export interface BarPairsPicture {
  readonly experts: number;
  /** Relative load (1 is fair), [E]. */
  readonly load: ArrayLike<number>;
  /** [E]. */
  readonly bias: ArrayLike<number>;
  /** What the bias gets next, [E]. */
  readonly update: ArrayLike<number>;
  /** Top of the load axis. */
  readonly loadMax: number;
  /** Ends of the bias axis, ±. */
  readonly biasMax: number;
  readonly theme: Theme;
  readonly colors: {
    readonly text: string;
    readonly line: string;
    readonly mark: string;
    readonly accent: string;
    readonly halo: string;
  };
  readonly hovered: number | null;
  readonly selected: number | null;
}

export interface BarPairsPlaces {
  readonly loadTop: number;
  /** Where the load bars stand. */
  readonly loadBottom: number;
  readonly biasTop: number;
  readonly biasBottom: number;
  /** Where the bias is 0. */
  readonly zero: number;
}

/** Places on a picture `height` high, in the unit of `height`; `pixel` is one CSS px in it. Each half has a line for its name. */
export function barPairsPlaces(height: number, pixel: number): BarPairsPlaces {
  const name = 16 * pixel;
  const loadBottom = Math.round(height * 0.5);
  const biasTop = loadBottom + name + 4 * pixel;
  const biasBottom = height - 8 * pixel;
  return { loadTop: name, loadBottom, biasTop, biasBottom, zero: Math.round((biasTop + biasBottom) / 2) };
}

/** Draws the picture over `width` × `height` device px. */
export function drawBarPairs(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  ratio: number,
  picture: BarPairsPicture,
): void {
  const { experts, load, bias, update, loadMax, biasMax, theme, colors } = picture;
  context.clearRect(0, 0, width, height);
  if (experts === 0) return;
  const column = width / experts;
  const bar = Math.max(1, Math.min(Math.round(column * 0.66), 28 * ratio));
  const { loadTop, loadBottom, biasTop, zero } = barPairsPlaces(height, ratio);
  const loadHeight = loadBottom - loadTop;
  const half = zero - biasTop;
  const loadDomain: Domain = [0, 1, loadMax];
  const biasDomain: Domain = [-biasMax, 0, biasMax];
  for (let expert = 0; expert < experts; expert++) {
    const x = Math.round(expert * column + (column - bar) / 2);
    if (expert === picture.hovered || expert === picture.selected) {
      context.fillStyle = colors.accent;
      context.fillRect(Math.round(expert * column), 0, Math.ceil(column), height);
    }
    const tall = Math.round(Math.min(1, (load[expert] ?? 0) / loadMax) * loadHeight);
    context.fillStyle = cssColor(scaleColor('diverging', theme, strengthened(domainShare(load[expert] ?? 0, loadDomain))));
    context.fillRect(x, loadBottom - tall, bar, Math.max(1, tall));
    const share = domainShare(bias[expert] ?? 0, biasDomain);
    const deep = Math.round((share - 0.5) * 2 * half);
    context.fillStyle = cssColor(scaleColor('diverging', theme, strengthened(share)));
    context.fillRect(x, deep > 0 ? zero - deep : zero, bar, Math.max(1, Math.abs(deep)));
    drawArrow(
      context,
      x + bar / 2,
      zero - deep,
      update[expert] ?? 0,
      Math.min(5 * ratio, Math.max(2 * ratio, bar / 2)),
      ratio,
      colors,
    );
  }
  context.fillStyle = colors.line;
  context.fillRect(0, zero, width, 1);
  context.fillStyle = colors.mark;
  const fair = Math.round(loadBottom - loadHeight / loadMax);
  for (let x = 0; x < width; x += 6 * ratio) context.fillRect(x, fair, 3 * ratio, Math.max(1, Math.round(ratio)));
}

/** Bars stand on the surface: near the middle of the scale they would vanish, so the middle fifth is left out. */
function strengthened(share: number): number {
  const departure = (share - 0.5) * 2;
  return 0.5 + (Math.sign(departure) * (0.35 + 0.65 * Math.abs(departure))) / 2;
}

/** A triangle at the tip of the bias bar that points where the bias will go. */
function drawArrow(
  context: CanvasRenderingContext2D,
  x: number,
  tip: number,
  change: number,
  size: number,
  ratio: number,
  { text, halo }: BarPairsPicture['colors'],
): void {
  if (change === 0 || Number.isNaN(change)) return;
  const up = change > 0;
  const base = up ? tip - 2 * ratio : tip + 2 * ratio;
  context.beginPath();
  context.moveTo(x, base + (up ? -size : size));
  context.lineTo(x - size * 0.8, base);
  context.lineTo(x + size * 0.8, base);
  context.closePath();
  // The halo keeps the arrow in sight inside a dark bar.
  context.lineJoin = 'round';
  context.lineWidth = 2 * ratio;
  context.strokeStyle = halo;
  context.stroke();
  context.fillStyle = text;
  context.fill();
}
