// The drawing behind Bars, with the chart library: a module of its own, so that the page loads without it.
import { memo, useId } from 'react';
import { Bar as DrawnBar, BarChart, LabelList, ReferenceLine, XAxis, YAxis, type BarShapeProps } from 'recharts';
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
}

interface BarsDrawingProps {
  readonly bars: readonly Bar[];
  readonly reference: number | undefined;
  readonly names: number;
  /** CSS px. */
  readonly width: number;
  readonly height: number;
}

/** Room for the figures at the right ends, CSS px. */
const FIGURES = 64;

function BarsDrawing({ bars, reference, names, width, height }: BarsDrawingProps) {
  // The colours are looked up, not inherited, so that an exported picture has them too.
  useTheme();
  const pattern = useId();
  const text = resolveColor('--text');
  const colors = bars.map(({ color }) => resolveColor(color));
  const fill = (index: number, texture: Texture): string =>
    texture === 'solid' ? colors[index]! : `url(#${pattern}-${index}-${texture})`;
  const rows = bars.map(({ id, label, value, part = value, text: figure }) => ({ id, label, part, rest: value - part, figure }));
  const end = Math.max(reference ?? 0, ...bars.map(({ value }) => value));
  const shape =
    (textureOf: (index: number) => Texture) =>
    ({ x, y, width: length, height: thickness, index }: BarShapeProps) => (
      <rect
        x={x}
        y={y}
        width={length}
        height={thickness}
        fill={fill(index, textureOf(index))}
        stroke={colors[index]}
        strokeWidth={length > 0 ? 1 : 0}
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
        dataKey="label"
        width={names}
        interval={0}
        tick={{ fill: text, fontSize: 12 }}
        tickLine={false}
        axisLine={{ stroke: resolveColor('--border') }}
      />
      <DrawnBar dataKey="part" stackId="whole" isAnimationActive={false} shape={shape((index) => bars[index]!.texture)} />
      <DrawnBar dataKey="rest" stackId="whole" isAnimationActive={false} shape={shape(() => 'striped')}>
        <LabelList dataKey="figure" position="right" fill={text} fontSize={12} />
      </DrawnBar>
      {reference !== undefined && <ReferenceLine x={reference} stroke={text} strokeDasharray="4 3" />}
    </BarChart>
  );
}

export default memo(BarsDrawing);
