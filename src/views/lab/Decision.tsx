// One decision up close: what every expert scored, what the bias made of it, and how much of the answer each chosen one is.
import { decisionOf } from '../../analysis/promptTrace';
import { DataTable, type TableData } from '../../components/DataTable';
import { Panel } from '../../components/Panel';
import { useText } from '../../components/TextContext';
import type { TraceAnswer } from '../../protocol/lab';
import styles from './Lab.module.css';
import { shownTrace, useFirstLayer, usePlaceIn } from './shown';

export function Decision({ answer }: { readonly answer: TraceAnswer }) {
  const { t, fixed, signed, integer } = useText();
  const { layer, token } = usePlaceIn(answer);
  const firstLayer = useFirstLayer(answer);
  const trace = shownTrace(answer);
  const row = layer * trace.tokens + token;
  const decision = decisionOf(trace, layer, token);
  const table: TableData = {
    caption: t('lab.decision.title'),
    columns: [
      t('lab.decision.expert'),
      t('lab.decision.score'),
      t('lab.decision.bias'),
      t('lab.decision.biased'),
      t('lab.decision.normalised'),
      t('lab.decision.weight'),
      t('lab.decision.norm'),
    ],
    rows: decision.map(({ expert, score, offset, biased, rank, normalised, weight, norm }) => {
      const own = rank < 0 ? ['', '', ''] : [fixed(normalised, 3), fixed(weight, 3), fixed(norm, 3)];
      return [
        `${rank < 0 ? '' : '● '}${t('train.expert.short', { expert })}`,
        fixed(score, 4),
        signed(offset, 4),
        fixed(biased, 4),
        ...own,
      ];
    }),
  };
  return (
    <Panel
      title={t('lab.decision.title')}
      subtitle={t('lab.decision.subtitle', {
        position: integer(token),
        piece: answer.prompt.pieces[token]!,
        layer: firstLayer + layer,
        count: decision.filter(({ rank }) => rank >= 0).length,
        experts: trace.experts,
        margin: fixed(trace.margins[row]!, 4),
      })}
      fixed
    >
      <DataTable table={table} maxHeight={300} />
      <p className={styles.quiet}>{t('lab.decision.shared', { norm: fixed(trace.sharedNorms[row]!, 3) })}</p>
    </Panel>
  );
}
