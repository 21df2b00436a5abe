// The way of one token through the experts of all layers, over the ways of the others.
import { useRef } from 'react';
import type { PromptTrace } from '../../analysis/promptTrace';
import { expertColor } from '../../components/color';
import { useText } from '../../components/TextContext';
import { useSize } from '../../components/useCanvas';
import { useTheme } from '../../components/useTheme';
import type { TraceAnswer } from '../../protocol/lab';
import { hoverExpert, litExpert, useSelection } from '../../stores/selection';
import styles from './Routes.module.css';
import { shownTrace, useFirstLayer, usePlaceIn } from './shown';

interface Stop {
  readonly expert: number;
  readonly weight: number;
}

/** Experts of a token, layer by layer. */
function stopsOf({ tokens: T, layers, expertsPerToken: K, chosen, weights }: PromptTrace, token: number): Stop[][] {
  return Array.from({ length: layers }, (_, layer) =>
    Array.from({ length: K }, (_unused, k) => (layer * T + token) * K + k)
      .filter((place) => chosen[place]! >= 0)
      .map((place) => ({ expert: chosen[place]!, weight: weights[place]! })),
  );
}

const ROW = 46;
const TOP = 22;
const GUTTER = 72;
const LEAST_TICK = 24;

export function RoutePath({ answer }: { readonly answer: TraceAnswer }) {
  const { t, integer } = useText();
  const theme = useTheme();
  const frame = useRef<HTMLDivElement>(null);
  const { width } = useSize(frame);
  const { token } = usePlaceIn(answer);
  const firstLayer = useFirstLayer(answer);
  const lit = useSelection(litExpert);
  const trace = shownTrace(answer);
  const { layers, experts, tokens } = trace;
  const cell = Math.max(5, (width - GUTTER) / experts);
  const x = (expert: number): number => GUTTER + (expert + 0.5) * cell;
  const y = (layer: number): number => TOP + (layer + 0.5) * ROW;
  const route = stopsOf(trace, token);
  const before = answer.changed ? stopsOf(answer.baseline, token) : null;
  const stride = Math.max(1, Math.ceil(LEAST_TICK / cell));
  const spoken = route
    .map((stops, layer) => `${t('train.layer', { layer: firstLayer + layer })}: ${stops.map(({ expert }) => expert).join(', ')}`)
    .join('; ');
  const best = (of: number): string =>
    stopsOf(trace, of)
      .map(([first], layer) => (first ? `${layer === 0 ? 'M' : 'L'}${x(first.expert)} ${y(layer)}` : ''))
      .join('');
  const links = (stops: readonly (readonly Stop[])[]) =>
    stops.slice(1).flatMap((to, layer) =>
      stops[layer]!.flatMap((a) =>
        to.map((b) => ({
          key: `${layer}.${a.expert}.${b.expert}`,
          d: `M${x(a.expert)} ${y(layer)}L${x(b.expert)} ${y(layer + 1)}`,
          share: Math.min(1, Math.sqrt(Math.max(0, a.weight * b.weight))),
          expert: a.expert,
        })),
      ),
    );
  const title = t('lab.path.title', { position: integer(token), piece: answer.prompt.pieces[token]! });
  return (
    <figure className={styles.path}>
      <figcaption>{title}</figcaption>
      <div ref={frame} className={styles.pathFrame} tabIndex={0} role="group" aria-label={title}>
        {width > 0 && (
          <svg width={Math.max(width, x(experts - 0.5))} height={TOP + layers * ROW} role="img" aria-label={spoken}>
            {Array.from({ length: Math.ceil(experts / stride) }, (_, at) => (
              <text key={at} x={x(at * stride)} y={14} textAnchor="middle" className={styles.tick}>
                {at * stride}
              </text>
            ))}
            {Array.from({ length: layers }, (_, layer) => (
              <g key={layer}>
                <text x={0} y={y(layer) + 4} className={styles.tick}>
                  {t('train.layer', { layer: firstLayer + layer })}
                </text>
                <line x1={GUTTER} x2={x(experts - 0.5)} y1={y(layer)} y2={y(layer)} className={styles.rail} />
                {Array.from({ length: experts }, (_unused, expert) => (
                  <circle
                    key={expert}
                    cx={x(expert)}
                    cy={y(layer)}
                    r={expert === lit ? 3.5 : 1.5}
                    className={styles.place}
                    onPointerEnter={() => hoverExpert(expert)}
                    onPointerLeave={() => hoverExpert(null)}
                  />
                ))}
              </g>
            ))}
            {Array.from({ length: tokens }, (_, of) => of !== token && <path key={of} d={best(of)} className={styles.other} />)}
            {before && links(before).map(({ key, d }) => <path key={key} d={d} className={styles.before} />)}
            {links(route).map(({ key, d, share, expert }) => (
              <path
                key={key}
                d={d}
                fill="none"
                stroke={expertColor(expert, theme)}
                strokeWidth={1 + 5 * share}
                strokeOpacity={0.75}
              />
            ))}
            {route.flatMap((stops, layer) =>
              stops.map(({ expert, weight }) => (
                <circle
                  key={`${layer}.${expert}`}
                  cx={x(expert)}
                  cy={y(layer)}
                  r={4 + 7 * Math.sqrt(Math.min(1, weight))}
                  fill={expertColor(expert, theme)}
                  className={styles.stop}
                  onPointerEnter={() => hoverExpert(expert)}
                  onPointerLeave={() => hoverExpert(null)}
                />
              )),
            )}
          </svg>
        )}
      </div>
      <p className={styles.note}>{t(before ? 'lab.path.legend.changed' : 'lab.path.legend')}</p>
    </figure>
  );
}
