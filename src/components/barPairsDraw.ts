// The picture of load and bias, in pixels or in shapes: what each expert got above the axis between, how its bias answers below it.
import { cssColor, domainShare, scaleColor, type Domain, type Theme } from './color';
import type { Shape } from './figureMarks';

type Points = readonly (readonly [x: number, y: number])[];

/** What the picture is drawn with. */
export interface Pen {
  box(x: number, y: number, width: number, height: number, color: string): void;
  /** A filled outline with a line of `halo` around it, `thick` wide. */
  figure(points: Points, color: string, halo: string, thick: number): void;
}

export const canvasPen = (context: CanvasRenderingContext2D): Pen => ({
  box: (x, y, width, height, color) => {
    context.fillStyle = color;
    context.fillRect(x, y, width, height);
  },
  figure: (points, color, halo, thick) => {
    context.beginPath();
    for (const [x, y] of points) context.lineTo(x, y);
    context.closePath();
    context.lineJoin = 'round';
    context.lineWidth = thick;
    context.strokeStyle = halo;
    context.stroke();
    context.fillStyle = color;
    context.fill();
  },
});

/** Draws into `shapes`. */
export const shapesPen = (shapes: Shape[]): Pen => ({
  box: (x, y, width, height, color) => void shapes.push({ kind: 'box', x, y, width, height, color }),
  figure: (points, fill, halo, width) => {
    // A closed outline for the halo, whose inside the figure itself then covers.
    shapes.push(
      { kind: 'path', points: [...points, points[0]!], stroke: { color: halo, width } },
      { kind: 'path', points, fill },
    );
  },
});

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

/** Draws the picture over `width` × `height`, of which `ratio` make a CSS px. */
export function drawBarPairs(pen: Pen, width: number, height: number, ratio: number, picture: BarPairsPicture): void {
  const { experts, load, bias, update, loadMax, biasMax, theme, colors } = picture;
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
      pen.box(Math.round(expert * column), 0, Math.ceil(column), height, colors.accent);
    }
    const tall = Math.round(Math.min(1, (load[expert] ?? 0) / loadMax) * loadHeight);
    const colorAt = (share: number): string => cssColor(scaleColor('diverging', theme, strengthened(share)));
    pen.box(x, loadBottom - tall, bar, Math.max(1, tall), colorAt(domainShare(load[expert] ?? 0, loadDomain)));
    const share = domainShare(bias[expert] ?? 0, biasDomain);
    const deep = Math.round((share - 0.5) * 2 * half);
    pen.box(x, deep > 0 ? zero - deep : zero, bar, Math.max(1, Math.abs(deep)), colorAt(share));
    drawArrow(
      pen,
      x + bar / 2,
      zero - deep,
      update[expert] ?? 0,
      Math.min(5 * ratio, Math.max(2 * ratio, bar / 2)),
      ratio,
      colors,
    );
  }
  pen.box(0, zero, width, 1, colors.line);
  const fair = Math.round(loadBottom - loadHeight / loadMax);
  for (let x = 0; x < width; x += 6 * ratio) pen.box(x, fair, 3 * ratio, Math.max(1, Math.round(ratio)), colors.mark);
}

/** Bars stand on the surface: near the middle of the scale they would vanish, so the middle fifth is left out. */
function strengthened(share: number): number {
  const departure = (share - 0.5) * 2;
  return 0.5 + (Math.sign(departure) * (0.35 + 0.65 * Math.abs(departure))) / 2;
}

/** A triangle at the tip of the bias bar that points where the bias will go. */
function drawArrow(
  pen: Pen,
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
  const points: Points = [
    [x, base + (up ? -size : size)],
    [x - size * 0.8, base],
    [x + size * 0.8, base],
  ];
  // The halo keeps the arrow in sight inside a dark bar.
  pen.figure(points, text, halo, 2 * ratio);
}
