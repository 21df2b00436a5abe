// Where a token looks, head by head, and the whole map of one head.
import { useEffect, useState } from 'react';
import type { CellRef } from '../../components/gridCursor';
import { Heatmap } from '../../components/Heatmap';
import { Panel } from '../../components/Panel';
import { Segmented } from '../../components/Segmented';
import { useText } from '../../components/TextContext';
import type { TraceAnswer } from '../../protocol/lab';
import {
  askAttention,
  leaveAttention,
  lookAtDense,
  lookAtHead,
  mapsFor,
  useAttention,
  type AttentionMaps,
} from '../../stores/attention';
import { hoverToken, pinToken, selectLayer, useSelection } from '../../stores/selection';
import { engineErrorText } from '../train/errorText';
import styles from './Lab.module.css';
import { useFirstLayer, usePlaceIn } from './shown';
import { visible } from './tokenLook';

export function Attention({ answer }: { readonly answer: TraceAnswer }) {
  const text = useText();
  const { t, integer } = text;
  const { dense, head: wanted, work, maps: known } = useAttention();
  const { layer: routing, token } = usePlaceIn(answer);
  const firstLayer = useFirstLayer(answer);
  const layer = dense !== null && dense < firstLayer ? dense : firstLayer + routing;
  useEffect(() => askAttention(answer, layer), [answer, layer]);
  useEffect(() => leaveAttention, []);
  const maps = mapsFor(known, answer);
  const { pieces } = answer.prompt;
  const T = pieces.length;
  const head = Math.min(wanted, (maps?.heads ?? 1) - 1);
  const name = (at: number): string => `${at} ${visible(pieces[at]!)}`;
  const tick = (at: number): string => visible(pieces[at]!).slice(0, 5);
  const subtitle = t('lab.attention.subtitle', { position: integer(token), piece: pieces[token]!, layer });
  return (
    <Panel
      title={t('lab.attention.title')}
      subtitle={subtitle}
      exportName="attention"
      table={
        maps
          ? () => ({
              caption: subtitle,
              columns: [
                t('lab.token.column'),
                ...Array.from({ length: maps.heads }, (_, at) => t('lab.attention.head', { head: at })),
              ],
              rows: pieces.map((_, seen) => [
                name(seen),
                ...Array.from({ length: maps.heads }, (_unused, at) => maps.maps[(at * T + token) * T + seen]!),
              ]),
            })
          : undefined
      }
    >
      <div className={styles.line}>
        <Segmented
          label={t('lab.attention.layer')}
          options={Array.from({ length: firstLayer + answer.baseline.layers }, (_, at) => ({
            id: String(at),
            label: t('train.layer', { layer: at }),
          }))}
          value={String(layer)}
          onChange={(id) => {
            const at = Number(id);
            lookAtDense(at < firstLayer ? at : null);
            if (at >= firstLayer) selectLayer(at - firstLayer);
          }}
        />
        <Segmented
          label={t('lab.attention.pick')}
          options={Array.from({ length: maps?.heads ?? 0 }, (_, at) => ({
            id: String(at),
            label: t('lab.attention.head', { head: at }),
          }))}
          value={String(head)}
          onChange={(id) => lookAtHead(Number(id))}
        />
      </div>
      {!maps && (
        <p className={styles.quiet} role={work.phase === 'failed' ? 'alert' : undefined}>
          {work.phase === 'failed' ? t('lab.failed', { error: engineErrorText(work.error, text) }) : t('lab.asking')}
        </p>
      )}
      {maps && (
        <div className={styles.halves}>
          <div>
            <h3>{t('lab.attention.heads')}</h3>
            <HeadRows attention={maps} head={head} name={name} tick={tick} token={token} />
          </div>
          <div>
            <h3>{t('lab.attention.map', { head })}</h3>
            <HeadMap attention={maps} head={head} name={name} tick={tick} token={token} />
          </div>
        </div>
      )}
    </Panel>
  );
}

interface MapProps {
  readonly attention: AttentionMaps;
  readonly head: number;
  readonly name: (token: number) => string;
  readonly tick: (token: number) => string;
}

/** What the token pointed at sees, a row for each head. */
function HeadRows({ attention: { maps, heads, tokens: T }, head, name, tick, token }: MapProps & { readonly token: number }) {
  const { t, percent } = useText();
  const [hovered, setHovered] = useState<CellRef | null>(null);
  return (
    <Heatmap
      rows={heads}
      columns={T}
      values={(at, seen) => (seen > token ? NaN : maps[(at * T + token) * T + seen]!)}
      version={token}
      rowLabel={(at) => t('lab.attention.head', { head: at })}
      columnLabel={name}
      columnTick={tick}
      columnAxis={t('lab.token.column')}
      scale="sequential"
      domain={[0, 0.5, 1]}
      format={(value) => (Number.isNaN(value) ? '–' : percent(value, 1))}
      hovered={hovered}
      onHover={setHovered}
      selectedRow={head}
      onSelect={({ row }) => lookAtHead(row)}
      ariaLabel={t('lab.attention.heads')}
    />
  );
}

/** One head: every token and what it sees. */
function HeadMap({ attention: { maps, tokens: T }, head, name, tick, token }: MapProps & { readonly token: number }) {
  const { t, percent } = useText();
  const [seen, setSeen] = useState<number | null>(null);
  const { hoveredToken, pinnedToken } = useSelection();
  return (
    <Heatmap
      rows={T}
      columns={T}
      values={(at, other) => (other > at ? NaN : maps[(head * T + at) * T + other]!)}
      version={head}
      rowLabel={name}
      columnLabel={name}
      columnTick={tick}
      columnAxis={t('lab.attention.seen')}
      scale="sequential"
      domain={[0, 0.5, 1]}
      format={(value) => (Number.isNaN(value) ? '–' : percent(value, 1))}
      hovered={hoveredToken !== null && seen !== null ? { row: Math.min(hoveredToken, T - 1), column: seen } : null}
      onHover={(cell) => {
        hoverToken(cell?.row ?? null);
        setSeen(cell?.column ?? null);
      }}
      selectedRow={hoveredToken === null && pinnedToken === null ? null : token}
      onSelect={({ row }) => pinToken(row)}
      ariaLabel={t('lab.attention.map', { head })}
      height={Math.min(420, Math.max(140, T * 18))}
      gutter={96}
    />
  );
}
