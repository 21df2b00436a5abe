// The drawing behind Bars, with the chart library: a module of its own, so that the page loads without it.
import { memo, useId } from 'react';
import { Bar as DrawnBar, BarChart, ReferenceLine, XAxis, YAxis, type BarShapeProps } from 'recharts';
import { resolveColor, useTheme } from './useTheme';

/** How a bar is filled, so that kinds differ without colour. */
export type Texture = 'solid' | 'striped' | 'dotted';

export interface Bar {
  readonly id: string;
  readonly label: string;
  readonly value: number;
  /** `value` as it is written beside the bar. */
  readonly text: string;
  /** CSS colour or custom property. */
  readonly color: string;
  readonly texture: Texture;
  /** How much of `value` is drawn in `texture`; the rest is striped. All of it where absent. */
  readonly part?: number;
  /** An amount to compare `value` with, drawn as a mark across the bar. */
  readonly mark?: number;
}

interface BarsDrawingProps {
  readonly bars: readonly Bar[];
  readonly reference: number | undefined;
  readonly names: number;
  /** CSS px. */
  readonly width: number;
  readonly height: number;
}

/** What the axis tells of a tick, as far as it is used. */
interface TickProps {
  readonly x: number | string;
  readonly y: number | string;
  readonly index: number;
}

/** Room for the figures, in a column of their own at the right, CSS px. */
const FIGURES = 48;

function BarsDrawing({ bars, reference, names, width, height }: BarsDrawingProps) {
  // The colours are looked up, not inherited, so that an exported picture has them too.
  useTheme();
  const pattern = useId();
  const text = resolveColor('--text');
  const colors = bars.map(({ color }) => resolveColor(color));
  const fill = (index: number, texture: Texture): string =>
    texture === 'solid' ? colors[index]! : `url(#${pattern}-${index}-${texture})`;
  const rows = bars.map(({ id, value, part = value }) => ({ id, part, rest: value - part }));
  const end = Math.max(reference ?? 0, ...bars.map(({ value, mark = 0 }) => Math.max(value, mark)));
  const rectangle = ({ x, y, width: length, height: thickness, index }: BarShapeProps, texture: Texture) => (
    <rect
      x={x}
      y={y}
      width={length}
      height={thickness}
      fill={fill(index, texture)}
      stroke={colors[index]}
      strokeWidth={length > 0 ? 1 : 0}
    />
  );
  const written = (x: number, y: number, words: string) => (
    <text x={x} y={y} dy="0.35em" textAnchor="end" fill={text} fontSize={12}>
      {words}
    </text>
  );
  /** The plot lies between the names and the figures, from 0 to `end`. */
  const marked = ({ y, height: thickness }: BarShapeProps, mark: number | undefined) =>
    mark !== undefined && (
      <rect
        x={names + (mark / end) * (width - FIGURES - names) - 1.5}
        y={y - 2}
        width={3}
        height={thickness + 4}
        fill={text}
        stroke={resolveColor('--surface')}
      />
    );
  return (
    <BarChart
      data={rows}
      layout="vertical"
      width={width}
      height={height}
      margin={{ top: 0, right: FIGURES, bottom: 0, left: 0 }}
      barCategoryGap="22%"
      accessibilityLayer={false}
    >
      <defs>
        {colors.flatMap((color, index) =>
          (['striped', 'dotted'] as const).map((texture) => (
            <pattern
              key={`${index}-${texture}`}
              id={`${pattern}-${index}-${texture}`}
              width={4}
              height={4}
              patternUnits="userSpaceOnUse"
              patternTransform={texture === 'striped' ? 'rotate(45)' : undefined}
            >
              {texture === 'striped' ? (
                <rect width={1.8} height={4} fill={color} />
              ) : (
                <circle cx={2} cy={2} r={1.1} fill={color} />
              )}
            </pattern>
          )),
        )}
      </defs>
      <XAxis type="number" domain={[0, end]} hide />
      <YAxis
        type="category"
        dataKey="id"
        width={names}
        interval={0}
        tick={({ x, y, index }: TickProps) => written(Number(x) - 4, Number(y), bars[index]?.label ?? '')}
        tickLine={false}
        axisLine={{ stroke: resolveColor('--border') }}
      />
      <DrawnBar
        dataKey="part"
        stackId="whole"
        isAnimationActive={false}
        shape={(bar: BarShapeProps) => rectangle(bar, bars[bar.index]!.texture)}
      />
      <DrawnBar
        dataKey="rest"
        stackId="whole"
        isAnimationActive={false}
        shape={(bar: BarShapeProps) => (
          <g>
            {rectangle(bar, 'striped')}
            {written(width - 2, bar.y + bar.height / 2, bars[bar.index]!.text)}
            {marked(bar, bars[bar.index]!.mark)}
          </g>
        )}
      />
      {reference !== undefined && <ReferenceLine x={reference} stroke={text} strokeDasharray="4 3" />}
    </BarChart>
  );
}

export default memo(BarsDrawing);
