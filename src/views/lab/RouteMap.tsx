// Tokens × layers: the experts of each decision with their weights, and where a change moved them; below, the route of one token.
import { memo } from 'react';
import { classes } from '../../components/classes';
import { expertColor, type Theme } from '../../components/color';
import type { TableData } from '../../components/DataTable';
import { Panel } from '../../components/Panel';
import { useText } from '../../components/TextContext';
import { useTheme } from '../../components/useTheme';
import type { TraceAnswer } from '../../protocol/lab';
import { hoverToken, litExpert, pinToken, useSelection } from '../../stores/selection';
import { RoutePath } from './RoutePath';
import styles from './Routes.module.css';
import { shownTrace, useFirstLayer } from './shown';
import { visible } from './tokenLook';

export function RouteMap({ answer }: { readonly answer: TraceAnswer }) {
  const { t, fixed } = useText();
  const theme = useTheme();
  const { hoveredToken, pinnedToken } = useSelection();
  const expert = useSelection(litExpert);
  const firstLayer = useFirstLayer(answer);
  const trace = shownTrace(answer);
  const { tokens, layers, expertsPerToken: K } = trace;
  const { pieces } = answer.prompt;
  const lit = hoveredToken ?? pinnedToken;
  const choices = (layer: number, token: number): string =>
    Array.from({ length: K }, (_, k) => {
      const place = (layer * tokens + token) * K + k;
      return trace.chosen[place]! < 0 ? '' : `${trace.chosen[place]!}:${fixed(trace.weights[place]!, 2)}`;
    })
      .filter((choice) => choice !== '')
      .join(' ');
  const table = (): TableData => ({
    caption: t('lab.map.title'),
    columns: [
      '#',
      t('lab.token.column'),
      ...Array.from({ length: layers }, (_, layer) => t('train.layer', { layer: firstLayer + layer })),
    ],
    rows: pieces.map((piece, token) => [token, piece, ...Array.from({ length: layers }, (_, layer) => choices(layer, token))]),
  });
  return (
    <Panel title={t('lab.map.title')} subtitle={t('lab.map.subtitle')} table={table} exportName="routes">
      <div className={styles.map} tabIndex={0} role="group" aria-label={t('lab.map.title')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('lab.layer')}</th>
              {pieces.map((piece, token) => (
                <th
                  key={token}
                  scope="col"
                  className={classes(token === lit && styles.lit)}
                  onPointerEnter={() => hoverToken(token)}
                >
                  {visible(piece)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody onPointerLeave={() => hoverToken(null)}>
            {Array.from({ length: layers }, (_, layer) => (
              <tr key={layer}>
                <th scope="row">{t('train.layer', { layer: firstLayer + layer })}</th>
                {pieces.map((_piece, token) => {
                  const mine = choices(layer, token);
                  return (
                    <Cell
                      key={token}
                      token={token}
                      choices={mine}
                      lit={token === lit}
                      expert={expert !== null && mine.split(' ').some((one) => one.startsWith(`${expert}:`)) ? expert : null}
                      moved={(answer.changed?.moved[layer * tokens + token] ?? 0) > 0}
                      theme={theme}
                    />
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <RoutePath answer={answer} />
    </Panel>
  );
}

interface CellProps {
  readonly token: number;
  /** 'expert:weight expert:weight', the best-scoring first. */
  readonly choices: string;
  readonly lit: boolean;
  /** The one lit up everywhere, if it is chosen here. */
  readonly expert: number | null;
  readonly moved: boolean;
  readonly theme: Theme;
}

/** One decision; drawn anew only where something about it changed. */
const Cell = memo(function Cell({ token, choices, lit, expert, moved, theme }: CellProps) {
  const { t } = useText();
  return (
    <td
      className={classes(lit && styles.lit, moved && styles.moved)}
      onPointerEnter={() => hoverToken(token)}
      onClick={() => pinToken(token)}
    >
      {choices.split(' ').map((choice) => {
        const [number, weight] = choice.split(':');
        return (
          <span key={number} className={classes(styles.choice, Number(number) === expert && styles.expert)}>
            <span className={styles.swatch} style={{ background: expertColor(Number(number), theme) }} aria-hidden="true" />
            {number} <small>{weight}</small>
          </span>
        );
      })}
      {moved && <span className={styles.mark}>{t('lab.map.moved')}</span>}
    </td>
  );
});
