// The pixels of a heatmap: one pixel a cell, enlarged without smoothing, then what lies over the cells.
import { cssColor, domainShare, scaleColor, type ColorScale, type Domain, type Theme } from './color';
import type { CellRef } from './gridCursor';

export interface HeatmapPicture {
  readonly rows: number;
  readonly columns: number;
  /** Value of a cell; NaN leaves it empty. */
  readonly value: (row: number, column: number) => number;
  readonly scale: ColorScale;
  readonly domain: Domain;
  /** 256 colours of the scale (packedScale). */
  readonly colors: Uint32Array;
  readonly gap: string;
  readonly mark: string;
  readonly markOver: string;
  readonly hovered: CellRef | null;
  readonly selectedRow: number | null;
  readonly selectedColumn: number | null;
  /** Scratch kept between draws. */
  readonly scratch: HeatmapScratch;
}

export interface HeatmapScratch {
  readonly canvas: HTMLCanvasElement;
  image: ImageData | null;
}

export function makeScratch(): HeatmapScratch {
  return { canvas: document.createElement('canvas'), image: null };
}

/** A departure this far along its half of the scale gets a tick: above the middle at the top edge, below at the bottom edge. */
const TICK_FROM = 0.3;
/** From here on the cell is deep enough for the light tick of the light theme (and the other way round). */
const TICK_OVER = 0.62;
/** Smallest cell, CSS px, that has room for a tick, and for gaps between cells. */
const TICK_CELL = 7;
/** More cells than this cost more time than a frame of a live picture has for ticks. */
const TICK_CELLS = 2048;
const GAP_CELL = 5;

/** Draws the picture over `width` × `height` device px. */
export function drawHeatmap(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  ratio: number,
  picture: HeatmapPicture,
): void {
  const { rows, columns, scratch } = picture;
  context.clearRect(0, 0, width, height);
  if (rows === 0 || columns === 0) return;
  if (scratch.image?.width !== columns || scratch.image.height !== rows) {
    scratch.canvas.width = columns;
    scratch.canvas.height = rows;
    scratch.image = new ImageData(columns, rows);
  }
  const pixels = new Uint32Array(scratch.image.data.buffer);
  const cellWidth = width / columns;
  const cellHeight = height / rows;
  const ticks =
    picture.scale === 'diverging' && rows * columns <= TICK_CELLS && Math.min(cellWidth, cellHeight) >= TICK_CELL * ratio;
  const plain = new Path2D();
  const over = new Path2D();
  const tick = Math.max(1, Math.round(1.5 * ratio));
  const tickWidth = Math.min(Math.round(cellWidth * 0.5), 6 * ratio);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = picture.value(row, column);
      const index = row * columns + column;
      if (Number.isNaN(value)) {
        pixels[index] = 0;
        continue;
      }
      const share = domainShare(value, picture.domain);
      pixels[index] = picture.colors[Math.round(share * 255)]!;
      const departure = Math.abs(share - 0.5) * 2;
      if (ticks && departure > TICK_FROM) {
        const x = Math.round(column * cellWidth + (cellWidth - tickWidth) / 2);
        const y = share > 0.5 ? Math.round(row * cellHeight) + 2 * ratio : Math.round((row + 1) * cellHeight) - 2 * ratio - tick;
        (departure > TICK_OVER ? over : plain).rect(x, y, tickWidth, tick);
      }
    }
  }
  const small = scratch.canvas.getContext('2d');
  if (!small) return;
  small.putImageData(scratch.image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(scratch.canvas, 0, 0, width, height);
  if (Math.min(cellWidth, cellHeight) >= GAP_CELL * ratio) drawGaps(context, width, height, picture);
  if (ticks) {
    context.fillStyle = picture.mark;
    context.fill(plain);
    context.fillStyle = picture.markOver;
    context.fill(over);
  }
  drawSelection(context, width, height, ratio, picture);
}

function drawGaps(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  { rows, columns, gap }: HeatmapPicture,
): void {
  context.fillStyle = gap;
  for (let column = 1; column < columns; column++) context.fillRect(Math.round((column * width) / columns), 0, 1, height);
  for (let row = 1; row < rows; row++) context.fillRect(0, Math.round((row * height) / rows), width, 1);
}

function drawSelection(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  ratio: number,
  picture: HeatmapPicture,
): void {
  const { rows, columns, hovered, selectedRow, selectedColumn } = picture;
  const frame = (column: number, row: number, across: number, down: number, thick: number) => {
    const x = Math.round((column * width) / columns);
    const y = Math.round((row * height) / rows);
    const w = Math.round(((column + across) * width) / columns) - x;
    const h = Math.round(((row + down) * height) / rows) - y;
    context.lineWidth = thick * ratio * 2;
    context.strokeStyle = picture.markOver;
    context.strokeRect(x, y, w, h);
    context.lineWidth = thick * ratio;
    context.strokeStyle = picture.mark;
    context.strokeRect(x, y, w, h);
  };
  if (selectedColumn !== null && selectedColumn < columns) frame(selectedColumn, 0, 1, rows, 1);
  if (selectedRow !== null && selectedRow < rows) frame(0, selectedRow, columns, 1, 1);
  if (hovered && hovered.row < rows && hovered.column < columns) frame(hovered.column, hovered.row, 1, 1, 2);
}

type Cells = Pick<HeatmapPicture, 'rows' | 'columns' | 'value' | 'scale' | 'domain'> & { readonly theme: Theme };

/** The cells as boxes over `width` × `height`, for pictures made of shapes; empty cells have none. */
export function heatmapBoxes(width: number, height: number, { rows, columns, value, scale, domain, theme }: Cells) {
  const [across, down] = [width / columns, height / rows];
  const gap = Math.min(across, down) >= GAP_CELL ? 1 : 0;
  return Array.from({ length: rows * columns }, (_, at) => ({ row: Math.floor(at / columns), column: at % columns })).flatMap(
    ({ row, column }) => {
      const shown = value(row, column);
      if (Number.isNaN(shown)) return [];
      const color = cssColor(scaleColor(scale, theme, domainShare(shown, domain)));
      const place = { x: column * across, y: row * down, width: across - gap, height: down - gap };
      return [{ kind: 'box' as const, ...place, color }];
    },
  );
}
