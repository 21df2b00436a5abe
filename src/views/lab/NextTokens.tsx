// What follows the token pointed at, and what each layer would have said.
import { Button } from '../../components/Button';
import { DataTable, type TableData } from '../../components/DataTable';
import { Panel } from '../../components/Panel';
import { useText } from '../../components/TextContext';
import type { TraceAnswer } from '../../protocol/lab';
import { goOnFrom, useLab } from '../../stores/lab';
import styles from './Lab.module.css';
import { shownTrace, usePlaceIn } from './shown';
import { visible } from './tokenLook';

/** Next tokens one can go on with by a press. */
const OFFERED = 5;
/** Readings of a layer that fit into its line; no more than the engine sends. */
const READ = 3;

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
    rows: Array.from({ length: next.count }, (_, i) => [i + 1, visible(piece(i)), percent(Math.exp(next.logs[place + i]!), 2)]),
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
              onPress={() => goOnFrom(token + 1, next.ids[place + i]!)}
            >
              {visible(piece(i))}
            </Button>
          ))}
        </div>
      )}
      {lens && (
        <section className={styles.lens} aria-label={t('lab.lens.title')}>
          <h3>{t('lab.lens.title')}</h3>
          <p className={styles.quiet}>{t('lab.lens.subtitle')}</p>
          <DataTable
            maxHeight={220}
            table={{
              caption: t('lab.lens.title'),
              columns: [t('lab.lens.reading'), ...Array.from({ length: READ }, (_, i) => `${i + 1}`)],
              rows: Array.from({ length: lens.readings }, (_, reading) => {
                const at = (reading * prompt.ids.length + token) * lens.count;
                const name = reading === 0 ? t('lab.lens.embedding') : t('train.layer', { layer: reading - 1 });
                const said = (i: number) =>
                  `${visible(predicted[lens.ids[at + i]!]!)} ${percent(Math.exp(lens.logs[at + i]!), 1)}`;
                return [name, ...Array.from({ length: READ }, (_unused, i) => said(i))];
              }),
            }}
          />
        </section>
      )}
    </Panel>
  );
}
