// A figure as a picture of pixels (PNG) or of shapes (SVG), its caption under it.
import { figureMarks, type FigureMarks, type Mark } from './figureMarks';
import { resolveColor } from './useTheme';

const MARGIN = 16;
/** Width of what stands behind letters on a line. */
const HALO = 3;
const CAPTION = { size: 12, line: 17 } as const;
const SVG = 'http://www.w3.org/2000/svg';

type PathMark = Extract<Mark, { readonly kind: 'path' }>;

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly background: string;
  readonly marks: readonly Mark[];
}

/** The marks of `root` within their margins, and the lines of the caption. */
function pictureOf(root: HTMLElement, caption: string): Picture {
  const { width, height, background, marks }: FigureMarks = figureMarks(root);
  const family = getComputedStyle(document.documentElement).fontFamily;
  const look = { color: resolveColor('--text-2'), size: CAPTION.size, weight: '400', family };
  const lines = wrapped(caption, width, `${CAPTION.size}px ${family}`).map((text, at): Mark => ({
    kind: 'text',
    x: 0,
    y: height + (at + 1) * CAPTION.line,
    text,
    ...look,
  }));
  const under = lines.length > 0 ? (lines.length + 0.5) * CAPTION.line : 0;
  return {
    width: Math.ceil(width + 2 * MARGIN),
    height: Math.ceil(height + under + 2 * MARGIN),
    background,
    marks: [...marks, ...lines],
  };
}

/** Lines no wider than `width` CSS px; broken at spaces, and where there are none, at any sign. */
function wrapped(text: string, width: number, font: string): string[] {
  const context = document.createElement('canvas').getContext('2d');
  if (!context || text === '') return [];
  context.font = font;
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.match(/\p{Script=Han}|\s+|[^\s\p{Script=Han}]+/gu) ?? []) {
      if (line !== '' && context.measureText(line + word).width > width) {
        lines.push(line.trim());
        line = '';
      }
      line += word;
    }
    lines.push(line.trim());
  }
  return lines;
}

/** PNG of `root` at `ratio` device px a CSS px. Null where the browser makes none. */
export async function renderPng(root: HTMLElement, caption: string, ratio: number): Promise<Blob | null> {
  const picture = pictureOf(root, caption);
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(picture.width * ratio);
  canvas.height = Math.ceil(picture.height * ratio);
  const context = canvas.getContext('2d');
  if (!context) return null;
  context.scale(ratio, ratio);
  context.fillStyle = picture.background;
  context.fillRect(0, 0, picture.width, picture.height);
  context.translate(MARGIN, MARGIN);
  for (const mark of picture.marks) await paint(context, mark);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

async function paint(context: CanvasRenderingContext2D, mark: Mark): Promise<void> {
  switch (mark.kind) {
    case 'box':
      context.fillStyle = mark.color;
      context.fillRect(mark.x, mark.y, mark.width, mark.height);
      return;
    case 'text':
      context.font = `${mark.weight} ${mark.size}px ${mark.family}`;
      context.textBaseline = 'middle';
      context.textAlign = mark.anchor === 'middle' ? 'center' : (mark.anchor ?? 'start');
      if (mark.halo) {
        context.lineJoin = 'round';
        context.lineWidth = HALO;
        context.strokeStyle = mark.halo;
        context.strokeText(mark.text, mark.x, mark.y);
      }
      context.fillStyle = mark.color;
      context.fillText(mark.text, mark.x, mark.y);
      return;
    case 'path':
      return paintPath(context, mark);
    case 'pixels':
      context.drawImage(mark.canvas, mark.x, mark.y, mark.width, mark.height);
      return;
    case 'drawing': {
      const image = new Image();
      image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(mark.drawing))}`;
      await image.decode();
      context.drawImage(image, mark.x, mark.y, mark.width, mark.height);
    }
  }
}

function paintPath(context: CanvasRenderingContext2D, { points, stroke, fill, opacity = 1, within }: PathMark): void {
  context.save();
  if (within) {
    context.beginPath();
    context.rect(within.x, within.y, within.width, within.height);
    context.clip();
  }
  context.globalAlpha = opacity;
  const path = new Path2D(outline(points, fill !== undefined));
  if (stroke) {
    context.lineJoin = 'round';
    context.lineWidth = stroke.width;
    context.setLineDash([...(stroke.dash ?? [])]);
    context.strokeStyle = stroke.color;
    context.stroke(path);
  }
  if (fill) {
    context.fillStyle = fill;
    context.fill(path);
  }
  context.restore();
}

const outline = (points: PathMark['points'], isClosed: boolean): string =>
  points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${near(x)} ${near(y)}`).join('') + (isClosed ? 'Z' : '');

/** SVG of `root`: text stays text, boxes and cells stay shapes. @param title the figure's own, for readers */
export function renderSvg(root: HTMLElement, title: string, caption: string): Blob {
  const picture = pictureOf(root, caption);
  const { width, height } = picture;
  const svg = shape('svg', { width, height, viewBox: `0 0 ${width} ${height}` });
  svg.append(worded('title', title), worded('desc', caption));
  svg.append(shape('rect', { width, height, ...painted(picture.background) }));
  const group = shape('g', { transform: `translate(${MARGIN} ${MARGIN})` });
  for (const mark of picture.marks) group.append(drawn(mark));
  svg.append(group);
  return new Blob([new XMLSerializer().serializeToString(svg)], { type: 'image/svg+xml' });
}

function drawn(mark: Mark): SVGElement {
  switch (mark.kind) {
    case 'box': {
      const { x, y, width, height } = mark;
      return shape('rect', { x: near(x), y: near(y), width: near(width), height: near(height), ...painted(mark.color) });
    }
    case 'text': {
      const { x, y, size, weight, family } = mark;
      const text = shape('text', {
        x: near(x),
        y: near(y),
        'dominant-baseline': 'central',
        'font-size': size,
        'font-weight': weight,
        'font-family': family,
        ...(mark.anchor && { 'text-anchor': mark.anchor }),
        ...(mark.halo && { 'stroke-width': HALO, 'stroke-linejoin': 'round', 'paint-order': 'stroke', ...stroked(mark.halo) }),
        ...painted(mark.color),
      });
      text.textContent = mark.text;
      return text;
    }
    case 'path':
      return drawnPath(mark);
    case 'drawing':
      return mark.drawing;
    case 'pixels': {
      const { x, y, width, height, canvas } = mark;
      return shape('image', { x, y, width, height, href: canvas.toDataURL('image/png') });
    }
  }
}

function drawnPath({ points, stroke, fill, opacity = 1, within }: PathMark): SVGElement {
  const path = shape('path', {
    d: outline(points, fill !== undefined),
    ...(fill ? painted(fill) : { fill: 'none' }),
    ...(stroke && { 'stroke-width': stroke.width, 'stroke-linejoin': 'round', ...stroked(stroke.color) }),
    ...(stroke?.dash && { 'stroke-dasharray': stroke.dash.join(' ') }),
    ...(opacity < 1 && { opacity }),
  });
  if (!within) return path;
  // A drawing inside the drawing shows nothing beyond its edges.
  const { x, y, width, height } = within;
  const frame = shape('svg', { x: near(x), y: near(y), width: near(width), height: near(height) });
  frame.setAttribute('viewBox', [x, y, width, height].map(near).join(' '));
  frame.append(path);
  return frame;
}

function shape(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

function worded(name: string, words: string): SVGElement {
  const element = shape(name, {});
  element.textContent = words;
  return element;
}

const near = (value: number): number => Math.round(value * 100) / 100;

/** The same for a line. */
function stroked(color: string): Readonly<Record<string, string | number>> {
  const { fill, 'fill-opacity': opacity } = painted(color);
  return { stroke: fill!, ...(opacity !== undefined && { 'stroke-opacity': opacity }) };
}

const known = new Map<string, Readonly<Record<string, string | number>>>();

/** Any CSS colour as the rgb that every reader of SVG knows. */
function painted(color: string): Readonly<Record<string, string | number>> {
  const before = known.get(color);
  if (before) return before;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const context = canvas.getContext('2d')!;
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
  const found = { fill: `rgb(${red},${green},${blue})`, ...(alpha! < 255 && { 'fill-opacity': near(alpha! / 255) }) };
  known.set(color, found);
  return found;
}
