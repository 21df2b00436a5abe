// Experts × tokens of one layer: who got which token, and with what weight.
import { useMemo } from 'react';
import { weightsByExpert } from '../../analysis/promptTrace';
import { max } from '../../core/stats';
import { Heatmap } from '../../components/Heatmap';
import { Panel } from '../../components/Panel';
import { useText } from '../../components/TextContext';
import type { TraceAnswer } from '../../protocol/lab';
import { hoverExpert, hoverToken, litExpert, pinExpert, pinToken, useSelection } from '../../stores/selection';
import { shownTrace, usePlaceIn } from './shown';

export function ExpertTokens({ answer }: { readonly answer: TraceAnswer }) {
  const { t, fixed, integer } = useText();
  const { layer } = usePlaceIn(answer);
  const { hoveredExpert, hoveredToken, pinnedToken } = useSelection();
  const lit = useSelection(litExpert);
  const trace = shownTrace(answer);
  const { tokens, experts, expertsPerToken: K } = trace;
  const number = answer.firstLayer + layer;
  const { values, end, version } = useMemo(() => {
    const drawn = weightsByExpert(trace, layer);
    return { values: drawn, end: max(drawn.filter((weight) => !Number.isNaN(weight))), version: ++drawings };
  }, [trace, layer]);
  const tokenLabel = (token: number): string =>
    t('maps.tokens.token', { position: integer(token), piece: answer.prompt.pieces[token] ?? '' });
  const isPointed = hoveredExpert !== null && hoveredToken !== null;
  return (
    <Panel
      title={t('maps.tokens.title', { layer: number })}
      subtitle={t('maps.tokens.subtitle')}
      exportName={`experts-tokens-layer-${number}`}
      table={() => ({
        caption: t('maps.tokens.title', { layer: number }),
        columns: ['#', t('lab.token.column'), t('compare.column.expert'), t('lab.decision.weight')],
        rows: Array.from({ length: tokens * K }, (_, at) => {
          const place = layer * tokens * K + at;
          const token = Math.floor(at / K);
          return [token, answer.prompt.pieces[token]!, trace.chosen[place]!, trace.weights[place]!] as const;
        }).filter(([, , expert]) => expert >= 0),
      })}
    >
      <Heatmap
        rows={experts}
        columns={tokens}
        values={values}
        version={version}
        rowLabel={(expert) => t('train.expert.short', { expert })}
        columnLabel={tokenLabel}
        columnAxis={t('maps.tokens.axis')}
        scale="sequential"
        domain={[0, Math.max(end, 1e-6) / 2, Math.max(end, 1e-6)]}
        format={(weight) => (Number.isNaN(weight) ? '–' : fixed(weight, 3))}
        hovered={isPointed ? { row: hoveredExpert, column: hoveredToken } : null}
        onHover={(cell) => {
          hoverToken(cell ? cell.column : null);
          hoverExpert(cell ? cell.row : null);
        }}
        selectedRow={lit}
        selectedColumn={hoveredToken ?? pinnedToken}
        onSelect={({ row, column }) => {
          pinExpert(row);
          pinToken(column);
        }}
        ariaLabel={t('maps.tokens.title', { layer: number })}
        minCellWidth={8}
      />
    </Panel>
  );
}

let drawings = 0;
