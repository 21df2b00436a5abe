// What follows the token pointed at, and what each layer would have said.
import { Button } from '../../components/Button';
import { DataTable, type TableData } from '../../components/DataTable';
import { Panel } from '../../components/Panel';
import { useText } from '../../components/TextContext';
import type { TraceAnswer } from '../../protocol/lab';
import { branchAt, useLab } from '../../stores/lab';
import styles from './Lab.module.css';
import { shownTrace, usePlaceIn } from './shown';

/** Next tokens one can go on with by a press. */
const OFFERED = 5;

export function NextTokens({ answer }: { readonly answer: TraceAnswer }) {
  const { t, percent, integer } = useText();
  const { token } = usePlaceIn(answer);
  const continuation = useLab((state) => state.continuation);
  const { prompt, predicted } = answer;
  const { next, lens } = shownTrace(answer);
  const place = token * next.count;
  const canBranch = token >= prompt.ids.length - continuation.length - 1;
  const piece = (i: number): string => predicted[next.ids[place + i]!]!;
  const table: TableData = {
    caption: t('lab.next.title'),
    columns: ['#', t('lab.token.column'), t('lab.next.probability')],
    rows: Array.from({ length: next.count }, (_, i) => [i + 1, piece(i), percent(Math.exp(next.logs[place + i]!), 2)]),
  };
  return (
    <Panel
      title={t('lab.next.title')}
      subtitle={t('lab.next.subtitle', { position: integer(token), piece: prompt.pieces[token]! })}
      fixed
    >
      <DataTable table={table} maxHeight={180} />
      {canBranch && (
        <div className={styles.line}>
          {Array.from({ length: Math.min(OFFERED, next.count) }, (_, i) => (
            <Button
              key={i}
              size="s"
              aria-label={t('lab.next.go', { piece: piece(i) })}
              onPress={() => branchAt(token + 1, next.ids[place + i]!)}
            >
              {piece(i).trim() || '␣'}
            </Button>
          ))}
        </div>
      )}
      {lens && (
        <DataTable
          maxHeight={180}
          table={{
            caption: `${t('lab.lens.title')}: ${t('lab.lens.subtitle')}`,
            columns: [t('lab.lens.reading'), t('lab.token.column'), t('lab.next.probability')],
            rows: Array.from({ length: lens.readings }, (_, reading) => {
              const at = (reading * prompt.ids.length + token) * lens.count;
              const name = reading === 0 ? t('lab.lens.embedding') : t('train.layer', { layer: reading - 1 });
              return [name, predicted[lens.ids[at]!]!, percent(Math.exp(lens.logs[at]!), 2)];
            }),
          }}
        />
      )}
    </Panel>
  );
}
