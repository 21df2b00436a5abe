// A panel as a picture: what stands on the page is drawn again, text by text and canvas by canvas, at the same places.

const MARGIN = 16;

/** PNG of `root` at `ratio` device px a CSS px. Elements marked data-export="no" stay out. Null where the browser makes none. */
export async function renderPicture(root: HTMLElement, ratio: number): Promise<Blob | null> {
  const box = root.getBoundingClientRect();
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil((box.width + 2 * MARGIN) * ratio);
  canvas.height = Math.ceil((box.height + 2 * MARGIN) * ratio);
  const context = canvas.getContext('2d');
  if (!context) return null;
  context.scale(ratio, ratio);
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--surface').trim();
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.translate(MARGIN - box.left, MARGIN - box.top);
  await drawElement(context, root);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

async function drawElement(context: CanvasRenderingContext2D, element: Element): Promise<void> {
  if (element instanceof HTMLElement && element.dataset.export === 'no') return;
  const style = getComputedStyle(element);
  if (style.display === 'none' || style.visibility === 'hidden' || style.clipPath !== 'none') return;
  const box = element.getBoundingClientRect();
  if (style.backgroundColor !== 'rgba(0, 0, 0, 0)' && box.width > 0) {
    context.fillStyle = style.backgroundColor;
    context.fillRect(box.left, box.top, box.width, box.height);
  }
  drawEdge(context, box.left, box.top, box.width, parseFloat(style.borderTopWidth), style.borderTopColor);
  const bottom = parseFloat(style.borderBottomWidth);
  drawEdge(context, box.left, box.bottom - bottom, box.width, bottom, style.borderBottomColor);
  if (element instanceof HTMLCanvasElement && element.width > 0 && element.height > 0) {
    context.drawImage(element, box.left, box.top, box.width, box.height);
    return;
  }
  if (element instanceof SVGSVGElement) return drawSvg(context, element, box, style.color);
  for (const child of element.childNodes) {
    if (child instanceof Element) await drawElement(context, child);
    else if (child instanceof Text) drawText(context, child, style);
  }
}

/** A drawing as an image of its own: it takes along the colour it inherits. */
async function drawSvg(context: CanvasRenderingContext2D, drawing: SVGSVGElement, box: DOMRect, color: string): Promise<void> {
  if (box.width === 0 || box.height === 0) return;
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  copy.setAttribute('width', String(box.width));
  copy.setAttribute('height', String(box.height));
  copy.setAttribute('color', color);
  copy.removeAttribute('style');
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  context.drawImage(image, box.left, box.top, box.width, box.height);
}

function drawEdge(context: CanvasRenderingContext2D, x: number, y: number, width: number, thick: number, color: string): void {
  if (!(thick > 0)) return;
  context.fillStyle = color;
  context.fillRect(x, y, width, thick);
}

function drawText(context: CanvasRenderingContext2D, node: Text, style: CSSStyleDeclaration): void {
  context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  context.fillStyle = style.color;
  context.textBaseline = 'middle';
  for (const line of textLines(node)) context.fillText(line.text, line.left, line.middle);
}

/** The lines a text node is broken into on the page, with their places. */
function textLines(node: Text): { readonly text: string; readonly left: number; readonly middle: number }[] {
  const range = document.createRange();
  const lines: { text: string; left: number; middle: number }[] = [];
  let lastTop = NaN;
  for (let i = 0; i < node.length; i++) {
    range.setStart(node, i);
    range.setEnd(node, i + 1);
    const box = range.getBoundingClientRect();
    if (box.width === 0) continue;
    const line = lines.at(-1);
    if (line && Math.abs(box.top - lastTop) < box.height / 2) line.text += node.data[i];
    else lines.push({ text: node.data[i] ?? '', left: box.left, middle: box.top + box.height / 2 });
    lastTop = box.top;
  }
  return lines;
}
