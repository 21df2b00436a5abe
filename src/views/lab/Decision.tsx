// One decision up close: what every expert scored, what the bias made of it, and how much of the answer each chosen one is.
import { useRef, type KeyboardEvent } from 'react';
import { decisionOf, type Candidate } from '../../analysis/promptTrace';
import { classes } from '../../components/classes';
import { expertColor } from '../../components/color';
import type { TableData } from '../../components/DataTable';
import { Panel } from '../../components/Panel';
import { useText } from '../../components/TextContext';
import { useTheme } from '../../components/useTheme';
import type { TraceAnswer } from '../../protocol/lab';
import { hoverExpert, litExpert, pinExpert, useSelection } from '../../stores/selection';
import styles from './Decision.module.css';
import { shownTrace, useFirstLayer, usePlaceIn } from './shown';

/** Beyond this a bias is none: the expert was forced, or kept away. */
const PUSHED = 500;

export function Decision({ answer }: { readonly answer: TraceAnswer }) {
  const { t, fixed, signed, integer } = useText();
  const { layer, token } = usePlaceIn(answer);
  const firstLayer = useFirstLayer(answer);
  const trace = shownTrace(answer);
  const row = layer * trace.tokens + token;
  const decision = decisionOf(trace, layer, token);
  const margin = fixed(trace.margins[row]!, 4);
  const bias = (offset: number): string =>
    offset > PUSHED ? t('lab.decision.forced') : offset < -PUSHED ? t('lab.decision.away') : signed(offset, 4);
  const columns = [
    t('lab.decision.score'),
    t('lab.decision.bias'),
    t('lab.decision.biased'),
    t('lab.decision.normalised'),
    t('lab.decision.weight'),
    t('lab.decision.norm'),
  ];
  const cells = ({ score, offset, biased, rank, normalised, weight, norm }: Candidate): string[] => [
    fixed(score, 4),
    bias(offset),
    Math.abs(biased) > PUSHED ? '–' : fixed(biased, 4),
    ...(rank < 0 ? ['', '', ''] : [fixed(normalised, 3), fixed(weight, 3), fixed(norm, 3)]),
  ];
  const table = (): TableData => ({
    caption: t('lab.decision.title'),
    columns: [t('lab.decision.expert'), ...columns],
    rows: decision.map((one) => [t('train.expert.short', { expert: one.expert }), ...cells(one)]),
  });
  return (
    <Panel
      title={t('lab.decision.title')}
      subtitle={t('lab.decision.subtitle', {
        position: integer(token),
        piece: answer.prompt.pieces[token]!,
        layer: firstLayer + layer,
        count: decision.filter(({ rank }) => rank >= 0).length,
        experts: trace.experts,
        margin,
      })}
      table={table}
      exportName="decision"
    >
      <Order decision={decision} columns={columns} cells={cells} cut={t('lab.decision.cut', { margin })} />
      <p className={styles.note}>
        {t('lab.decision.shared', { norm: fixed(trace.sharedNorms[row]!, 3) })} {t('lab.decision.bars')}
      </p>
    </Panel>
  );
}

interface OrderProps {
  readonly decision: readonly Candidate[];
  readonly columns: readonly string[];
  readonly cells: (candidate: Candidate) => readonly string[];
  readonly cut: string;
}

/** All experts, the best biased score first, with a line where the choice ends. The arrow keys walk it. */
function Order({ decision, columns, cells, cut }: OrderProps) {
  const { t } = useText();
  const theme = useTheme();
  const lit = useSelection(litExpert);
  const frame = useRef<HTMLDivElement>(null);
  const count = decision.filter(({ rank }) => rank >= 0).length;
  // Forced, drawn or passed over: then the choice is not the head of this order, and there is no cut.
  const isHead = decision.slice(0, count).every(({ rank }) => rank >= 0);
  const biases = decision.map(({ offset }) => offset).filter((offset) => Math.abs(offset) < PUSHED);
  const floor = biases.length > 0 ? Math.min(...biases) : 0;
  const end = Math.max(1e-6, ...decision.map(({ score, offset }) => score + above(offset, floor)));
  const walk = (event: KeyboardEvent): void => {
    const at = decision.findIndex(({ expert }) => expert === lit);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: decision.length - 1 }[event.key];
    if ((event.key === 'Enter' || event.key === ' ') && lit !== null) pinExpert(lit);
    else if (next !== undefined) {
      const to = Math.min(decision.length - 1, Math.max(0, next));
      hoverExpert(decision[to]!.expert);
      frame.current?.querySelector(`[data-expert="${decision[to]!.expert}"]`)?.scrollIntoView({ block: 'nearest' });
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={frame}
      className={styles.frame}
      tabIndex={0}
      role="group"
      aria-label={t('lab.decision.order')}
      onKeyDown={walk}
      onPointerLeave={() => hoverExpert(null)}
      onBlur={() => hoverExpert(null)}
    >
      <table className={styles.order}>
        <thead>
          <tr>
            <th scope="col">{t('lab.decision.expert')}</th>
            <th scope="col">
              <span className={styles.spoken}>{t('lab.decision.bar')}</span>
            </th>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {decision.flatMap((one, place) => {
            const { expert, score, offset, rank } = one;
            const line = (
              <tr
                key={expert}
                data-expert={expert}
                className={classes(rank >= 0 && styles.chosen, expert === lit && styles.lit)}
                onPointerEnter={() => hoverExpert(expert)}
                onClick={() => pinExpert(expert)}
              >
                <th scope="row">
                  <span aria-hidden="true" className={styles.swatch} style={{ background: expertColor(expert, theme) }} />
                  {`${rank < 0 ? '' : '● '}${t('train.expert.short', { expert })}`}
                </th>
                <td className={styles.bar} aria-hidden="true">
                  <span className={styles.biasBar} style={{ width: `${(above(offset, floor) / end) * 100}%` }} />
                  <span
                    className={styles.scoreBar}
                    style={{ width: `${(score / end) * 100}%`, background: expertColor(expert, theme) }}
                  />
                </td>
                {cells(one).map((cell, column) => (
                  <td key={column}>{cell}</td>
                ))}
              </tr>
            );
            if (!isHead || place !== count || count === 0) return [line];
            return [
              <tr key="cut" className={styles.cut}>
                <td colSpan={columns.length + 2}>{cut}</td>
              </tr>,
              line,
            ];
          })}
        </tbody>
      </table>
    </div>
  );
}

/** Height of a bias over the least one; an expert that is forced or kept away has none. */
const above = (offset: number, floor: number): number => (Math.abs(offset) < PUSHED ? offset - floor : 0);
