// What stands on the page in a figure, as marks that a picture is drawn from: text by text, box by box, at the same places.

/** Places in CSS px, from the figure's top left corner. */
interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Mark =
  | ({ readonly kind: 'box'; readonly color: string } & Place)
  /** One line; `y` is its middle. */
  | {
      readonly kind: 'text';
      readonly x: number;
      readonly y: number;
      readonly text: string;
      readonly color: string;
      readonly size: number;
      readonly weight: string;
      readonly family: string;
    }
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

type Boxes = readonly Extract<Mark, { readonly kind: 'box' }>[];
const told = new WeakMap<HTMLCanvasElement, (width: number, height: number) => Boxes>();

/** Says what `canvas` shows, as boxes over `width` × `height` CSS px. */
export function tellBoxes(canvas: HTMLCanvasElement, boxes: (width: number, height: number) => Boxes): void {
  told.set(canvas, boxes);
}

/** Top and bottom of what is seen, where something scrolls. */
interface Window {
  readonly top: number;
  readonly bottom: number;
}

/** Elements marked data-export="no" stay out. What scrolls sideways is taken whole. */
export function figureMarks(root: HTMLElement): FigureMarks {
  const scrolled = [root, ...root.querySelectorAll<HTMLElement>('*')].filter(({ scrollLeft }) => scrollLeft > 0);
  const before = scrolled.map(({ scrollLeft }) => scrollLeft);
  for (const element of scrolled) element.scrollLeft = 0;
  const box = root.getBoundingClientRect();
  const reader = new Reader(box.left, box.top);
  reader.read(root, { top: -Infinity, bottom: Infinity });
  scrolled.forEach((element, at) => (element.scrollLeft = before[at]!));
  const background = getComputedStyle(document.documentElement).getPropertyValue('--surface').trim();
  return { width: Math.max(box.width, reader.right), height: box.height, background, marks: reader.marks };
}

class Reader {
  readonly marks: Mark[] = [];
  /** How far marks reach. */
  right = 0;
  private readonly left: number;
  private readonly top: number;

  constructor(left: number, top: number) {
    this.left = left;
    this.top = top;
  }

  read(element: Element, window: Window): void {
    if (element instanceof HTMLElement && element.dataset.export === 'no') return;
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
    const boxes = told.get(canvas)?.(place.width, place.height);
    if (!boxes) this.marks.push({ kind: 'pixels', canvas, ...place });
    else for (const box of boxes) this.box({ ...box, x: place.x + box.x, y: place.y + box.y }, box.color);
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
