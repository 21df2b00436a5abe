// A comparison layer by layer: how far the loads are apart beside what chance would make of them, and what both sides have in common.
import { useMemo } from 'react';
import type { RouteComparison } from '../../analysis/routeComparison';
import { Bars } from '../../components/Bars';
import type { Bar } from '../../components/BarsDrawing';
import type { TableData } from '../../components/DataTable';
import { useText, type TextTools } from '../../components/TextContext';
import type { CompareAnswer } from '../../stores/compare';
import styles from './Compare.module.css';

interface FiguresProps {
  readonly result: RouteComparison;
  readonly answer: CompareAnswer;
}

/** Width of the names of layers, CSS px. */
const NAMES = 110;

export function CompareFigures({ result, answer }: FiguresProps) {
  const { t, fixed, percent } = useText();
  const { dealt, sides } = answer;
  const { divergence, overlap, jaccard, overlapByChance } = result;
  const { firstLayer } = sides[0];
  const apart = useMemo(
    () =>
      Array.from(divergence, (bits, layer): Bar[] => {
        const written = (value: number) => fixed(value, 3);
        const number = firstLayer + layer;
        const bar = (id: string, value: number) => ({ id: `${id}-${layer}`, value, text: written(value) });
        return [
          { ...bar('measured', bits), label: t('train.layer', { layer: number }), color: '--cat-1', texture: 'solid' },
          ...(dealt
            ? [
                {
                  ...bar('dealt', dealt.high[layer]!),
                  label: t('compare.dealt.short', { layer: number }),
                  color: '--text-2',
                  texture: 'striped' as const,
                },
              ]
            : []),
        ];
      }).flat(),
    [divergence, dealt, firstLayer, t, fixed],
  );
  const common = useMemo(
    () =>
      Array.from(overlap ?? jaccard, (share, layer): Bar => ({
        id: `common-${layer}`,
        label: t('train.layer', { layer: firstLayer + layer }),
        value: share,
        text: overlap ? percent(share, 0) : fixed(share, 3),
        color: '--cat-2',
        texture: 'solid',
      })),
    [overlap, jaccard, firstLayer, t, percent, fixed],
  );
  const kind = overlap ? 'overlap' : 'jaccard';
  return (
    <div className={styles.figures}>
      <section>
        <h3>{t('compare.divergence')}</h3>
        <p className={styles.quiet}>{t('compare.divergence.about')}</p>
        <Bars
          bars={apart}
          names={NAMES}
          legend={[
            { texture: 'solid', label: t('compare.measured') },
            ...(dealt ? [{ texture: 'striped' as const, label: t('compare.dealt') }] : []),
          ]}
          ariaLabel={t('compare.divergence')}
        />
        {!dealt && !overlap && <p className={styles.quiet}>{t('compare.dealt.none')}</p>}
      </section>
      <section>
        <h3>{t(`compare.${kind}`)}</h3>
        <p className={styles.quiet}>{t(`compare.${kind}.about`)}</p>
        <Bars
          bars={common}
          names={NAMES}
          reference={overlap ? overlapByChance : undefined}
          legend={
            overlap ? [{ texture: 'line', label: t('compare.overlap.chance', { share: percent(overlapByChance, 0) }) }] : []
          }
          ariaLabel={t(`compare.${kind}`)}
        />
      </section>
    </div>
  );
}

export function layerTable(
  { divergence, overlap, jaccard }: RouteComparison,
  { dealt, sides }: CompareAnswer,
  { t }: Pick<TextTools, 't'>,
): TableData {
  const columns = ['layer', 'divergence', 'dealt', 'overlap', 'jaccard'] as const;
  return {
    caption: t('compare.table'),
    columns: columns.map((column) => t(`compare.column.${column}`)),
    rows: Array.from(divergence, (bits, layer) => [
      sides[0].firstLayer + layer,
      bits,
      dealt?.high[layer] ?? '–',
      overlap?.[layer] ?? '–',
      jaccard[layer]!,
    ]),
  };
}
