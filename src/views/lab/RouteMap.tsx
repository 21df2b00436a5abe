// Tokens × layers: the best expert of each decision, its weight, and where a change moved it.
import { classes } from '../../components/classes';
import { expertColor } from '../../components/color';
import { Panel } from '../../components/Panel';
import { useText } from '../../components/TextContext';
import { useTheme } from '../../components/useTheme';
import type { TraceAnswer } from '../../protocol/lab';
import { hoverToken, useSelection } from '../../stores/selection';
import styles from './Lab.module.css';
import { shownTrace, useFirstLayer } from './shown';

export function RouteMap({ answer }: { readonly answer: TraceAnswer }) {
  const { t, fixed } = useText();
  const theme = useTheme();
  const { hoveredToken, pinnedToken } = useSelection();
  const firstLayer = useFirstLayer(answer);
  const trace = shownTrace(answer);
  const { tokens, layers, expertsPerToken: K } = trace;
  const lit = hoveredToken ?? pinnedToken;
  return (
    <Panel title={t('lab.map.title')} subtitle={t('lab.map.subtitle')}>
      <div className={styles.map} tabIndex={0} role="group" aria-label={t('lab.map.title')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('lab.layer')}</th>
              {answer.prompt.pieces.map((piece, token) => (
                <th
                  key={token}
                  scope="col"
                  className={classes(token === lit && styles.lit)}
                  onPointerEnter={() => hoverToken(token)}
                >
                  {piece.trim() || '␣'}
                </th>
              ))}
            </tr>
          </thead>
          <tbody onPointerLeave={() => hoverToken(null)}>
            {Array.from({ length: layers }, (_, layer) => (
              <tr key={layer}>
                <th scope="row">{t('train.layer', { layer: firstLayer + layer })}</th>
                {Array.from({ length: tokens }, (_unused, token) => {
                  const row = layer * tokens + token;
                  const top = trace.chosen[row * K]!;
                  const moved = answer.changed ? answer.changed.moved[row]! > 0 : false;
                  return (
                    <td
                      key={token}
                      className={classes(token === lit && styles.lit, moved && styles.moved)}
                      style={{ borderBottomColor: expertColor(top, theme) }}
                      onPointerEnter={() => hoverToken(token)}
                    >
                      {top}
                      <small>{fixed(trace.weights[row * K]!, 2)}</small>
                      {moved && <span className={styles.mark}>{t('lab.map.moved')}</span>}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
