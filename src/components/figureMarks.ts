// What stands on the page in a figure, as marks that a picture is drawn from: text by text, box by box, at the same places.

/** Places in CSS px, from the figure's top left corner. */
interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Stroke {
  readonly color: string;
  readonly width: number;
  readonly dash?: readonly number[];
}

/** What a canvas can say that it shows. */
export type Shape =
  | ({ readonly kind: 'box'; readonly color: string } & Place)
  /** One line; `y` is its middle, `x` where it begins or what `anchor` says. */
  | {
      readonly kind: 'text';
      readonly x: number;
      readonly y: number;
      readonly anchor?: 'middle' | 'end';
      readonly text: string;
      readonly color: string;
      readonly size: number;
      readonly weight: string;
      readonly family: string;
      /** Behind the letters, so that they stand out. */
      readonly halo?: string;
    }
  /** A line through points, or what it encloses. */
  | {
      readonly kind: 'path';
      readonly points: readonly (readonly [x: number, y: number])[];
      readonly stroke?: Stroke;
      readonly fill?: string;
      readonly opacity?: number;
      /** Nothing is drawn outside of it. */
      readonly within?: Place;
    };

export type Mark =
  | Shape
  /** A drawing with its place and the colour it inherits written into it. */
  | ({ readonly kind: 'drawing'; readonly drawing: SVGSVGElement } & Place)
  /** Pixels nobody has told the marks of. */
  | ({ readonly kind: 'pixels'; readonly canvas: HTMLCanvasElement } & Place);

export interface FigureMarks {
  readonly width: number;
  readonly height: number;
  readonly background: string;
  readonly marks: readonly Mark[];
}

type Shapes = readonly Shape[];
const told = new WeakMap<HTMLCanvasElement, (width: number, height: number) => Shapes>();

/** Says what `canvas` shows, as shapes over `width` × `height` CSS px. */
export function tellShapes(canvas: HTMLCanvasElement, shapes: (width: number, height: number) => Shapes): void {
  told.set(canvas, shapes);
}

function moved(shape: Shape, by: { readonly x: number; readonly y: number }): Shape {
  if (shape.kind !== 'path') return { ...shape, x: shape.x + by.x, y: shape.y + by.y };
  const { points, within } = shape;
  return {
    ...shape,
    points: points.map(([x, y]) => [x + by.x, y + by.y]),
    ...(within && { within: { ...within, x: within.x + by.x, y: within.y + by.y } }),
  };
}

/** Top and bottom of what is seen, where something scrolls. */
interface Window {
  readonly top: number;
  readonly bottom: number;
}

/** Elements marked data-export="no" stay out, and the rows that only they stand in are closed up. What scrolls sideways is taken whole. */
export function figureMarks(root: HTMLElement): FigureMarks {
  const scrolled = [root, ...root.querySelectorAll<HTMLElement>('*')].filter(({ scrollLeft }) => scrollLeft > 0);
  const before = scrolled.map(({ scrollLeft }) => scrollLeft);
  for (const element of scrolled) element.scrollLeft = 0;
  const box = root.getBoundingClientRect();
  const reader = new Reader(box.left, box.top);
  reader.read(root, { top: -Infinity, bottom: Infinity });
  scrolled.forEach((element, at) => (element.scrollLeft = before[at]!));
  const background = getComputedStyle(document.documentElement).getPropertyValue('--surface').trim();
  const { marks, height } = closedUp(reader.marks, box.height, reader.leftOut);
  return { width: Math.max(box.width, reader.right), height, background, marks };
}

type Band = Pick<Place, 'y' | 'height'>;

/** Top and bottom of a mark. */
function reachOf(mark: Mark): readonly [number, number] {
  if (mark.kind === 'path') {
    const ys = mark.points.map(([, y]) => y);
    return [Math.min(...ys), Math.max(...ys)];
  }
  if (mark.kind === 'text') return [mark.y - mark.size / 2, mark.y + mark.size / 2];
  return [mark.y, mark.y + mark.height];
}

/** Takes out the bands in which nothing stands; what frames a band gets lower by it. */
function closedUp(all: readonly Mark[], height: number, bands: readonly Band[]) {
  let marks = all;
  let left = height;
  // From the bottom up, so that the bands still to come stay where they are.
  for (const band of bands.toSorted((a, b) => b.y - a.y)) {
    const end = band.y + band.height;
    const isFrame = (mark: Mark): boolean => mark.kind === 'box' && mark.y <= band.y && mark.y + mark.height >= end;
    const isAway = (mark: Mark): boolean => {
      const [top, bottom] = reachOf(mark);
      return bottom <= band.y || top >= end;
    };
    if (!marks.every((mark) => isFrame(mark) || isAway(mark))) continue;
    marks = marks.map((mark) => {
      if (isFrame(mark) && mark.kind === 'box') return { ...mark, height: mark.height - band.height };
      return reachOf(mark)[0] >= end ? lifted(mark, band.height) : mark;
    });
    left -= band.height;
  }
  return { marks, height: left };
}

function lifted(mark: Mark, by: number): Mark {
  if (mark.kind === 'pixels') return { ...mark, y: mark.y - by };
  if (mark.kind !== 'drawing') return moved(mark, { x: 0, y: -by });
  mark.drawing.setAttribute('y', String(mark.y - by));
  return { ...mark, y: mark.y - by };
}

class Reader {
  readonly marks: Mark[] = [];
  /** How far marks reach. */
  right = 0;
  /** Where elements stand that stay out. */
  readonly leftOut: Band[] = [];
  private readonly left: number;
  private readonly top: number;

  constructor(left: number, top: number) {
    this.left = left;
    this.top = top;
  }

  read(element: Element, window: Window): void {
    if (element instanceof HTMLElement && element.dataset.export === 'no') {
      const { top, height } = element.getBoundingClientRect();
      if (height > 0) this.leftOut.push({ y: top - this.top, height });
      return;
    }
    const style = getComputedStyle(element);
    if (style.display === 'none' || style.visibility === 'hidden' || style.clipPath !== 'none') return;
    const box = element.getBoundingClientRect();
    if (box.height > 0 && (box.bottom <= window.top || box.top >= window.bottom)) return;
    const place = { x: box.left - this.left, y: box.top - this.top, width: box.width, height: box.height };
    if (style.backgroundColor !== 'rgba(0, 0, 0, 0)') this.box(place, style.backgroundColor);
    this.edges(place, style);
    if (element instanceof HTMLCanvasElement) return this.canvas(element, place);
    if (element instanceof SVGSVGElement) return this.drawing(element, place, style.color);
    const scrolls = style.overflowY === 'auto' || style.overflowY === 'scroll';
    const inside = scrolls ? { top: Math.max(window.top, box.top), bottom: Math.min(window.bottom, box.bottom) } : window;
    for (const child of element.childNodes) {
      if (child instanceof Element) this.read(child, inside);
      else if (child instanceof Text) this.text(child, style, inside);
    }
  }

  private box(place: Place, color: string): void {
    if (place.width <= 0 || place.height <= 0) return;
    this.marks.push({ kind: 'box', ...place, color });
    this.right = Math.max(this.right, place.x + place.width);
  }

  private edges({ x, y, width, height }: Place, style: CSSStyleDeclaration): void {
    const [top, right, bottom, left] = (['Top', 'Right', 'Bottom', 'Left'] as const).map((side) =>
      style[`border${side}Style`] === 'none' ? 0 : parseFloat(style[`border${side}Width`]),
    ) as [number, number, number, number];
    this.box({ x, y, width, height: top }, style.borderTopColor);
    this.box({ x, y: y + height - bottom, width, height: bottom }, style.borderBottomColor);
    this.box({ x, y, width: left, height }, style.borderLeftColor);
    this.box({ x: x + width - right, y, width: right, height }, style.borderRightColor);
  }

  private canvas(canvas: HTMLCanvasElement, place: Place): void {
    if (canvas.width === 0 || canvas.height === 0) return;
    const shapes = told.get(canvas)?.(place.width, place.height);
    if (!shapes) this.marks.push({ kind: 'pixels', canvas, ...place });
    else this.marks.push(...shapes.map((shape) => moved(shape, place)));
    this.right = Math.max(this.right, place.x + place.width);
  }

  private drawing(element: SVGSVGElement, place: Place, color: string): void {
    if (place.width === 0 || place.height === 0) return;
    const drawing = element.cloneNode(true) as SVGSVGElement;
    for (const [name, value] of Object.entries({ ...place, color })) drawing.setAttribute(name, String(value));
    drawing.removeAttribute('style');
    this.marks.push({ kind: 'drawing', drawing, ...place });
  }

  private text(node: Text, style: CSSStyleDeclaration, window: Window): void {
    const look = { color: style.color, size: parseFloat(style.fontSize), weight: style.fontWeight, family: style.fontFamily };
    for (const { text, left, right, middle } of textLines(node)) {
      if (middle <= window.top || middle >= window.bottom || text.trim() === '') continue;
      this.marks.push({ kind: 'text', x: left - this.left, y: middle - this.top, text, ...look });
      this.right = Math.max(this.right, right - this.left);
    }
  }
}

interface TextLine {
  text: string;
  readonly left: number;
  right: number;
  readonly middle: number;
}

/** The lines a text node is broken into on the page, with their places. */
function textLines(node: Text): readonly TextLine[] {
  const range = document.createRange();
  const lines: TextLine[] = [];
  let lastTop = NaN;
  for (let i = 0; i < node.length; i++) {
    range.setStart(node, i);
    range.setEnd(node, i + 1);
    const box = range.getBoundingClientRect();
    if (box.width === 0) continue;
    const line = lines.at(-1);
    if (line && Math.abs(box.top - lastTop) < box.height / 2) {
      line.text += node.data[i];
      line.right = box.right;
    } else lines.push({ text: node.data[i] ?? '', left: box.left, right: box.right, middle: box.top + box.height / 2 });
    lastTop = box.top;
  }
  return lines;
}
