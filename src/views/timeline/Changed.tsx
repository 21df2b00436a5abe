// What lies between two moments: loss, routes and loads on the same held-out text, and how far each kind of weight and each layer moved.
import { useMemo, useState } from 'react';
import { ofGroup, ofLayer, PARAMETER_GROUPS, relativeDrift, rootMeanSquareDrift, type DriftPart } from '../../analysis/drift';
import { changedShare, compareRoutes, haveOneShape, mostDifferent } from '../../analysis/routeComparison';
import { Bars } from '../../components/Bars';
import type { Bar } from '../../components/BarsDrawing';
import { Button } from '../../components/Button';
import { DataTable, type TableData } from '../../components/DataTable';
import { Panel } from '../../components/Panel';
import { Select } from '../../components/Select';
import { useText } from '../../components/TextContext';
import { tokensAt, type Line, type LineMoment } from '../../stores/line';
import { driftKey, latestCompared, lookAtTwo, useLookBack } from '../../stores/lookBack';
import { modelKey } from '../../stores/models';
import { runStep, useRun } from '../../stores/run';
import type { MomentRoutes } from '../../protocol/lookBack';
import styles from './LookBack.module.css';

const MOST = 8;
/** Width of the names of layers and kinds, CSS px. */
const NAMES = 116;

export function Changed({ line, moments }: { readonly line: Line; readonly moments: readonly LineMoment[] }) {
  const { t, integer, compact, fixed, signed } = useText();
  const { routes, drifts, work } = useLookBack();
  const [chosenFrom, setFrom] = useState<string | null>(null);
  const [chosenTo, setTo] = useState<string | null>(null);
  const find = (step: string | null): LineMoment | undefined => moments.find((moment) => String(moment.step) === step);
  const from = find(chosenFrom) ?? moments[0]!;
  const to = find(chosenTo) ?? latestCompared(moments, { routes, drifts })!;
  const [before, after] = [routes[modelKey(from.ref)], routes[modelKey(to.ref)]];
  const parts = drifts[driftKey(to.ref, from.ref)];
  const options = moments.map(({ step }) => ({
    id: String(step),
    label: t('timeline.moment', { step: integer(step), tokens: compact(tokensAt(line, step)) }),
  }));
  const isSame = from === to;
  const isBeyond = useRun(({ run }) => line.kind === 'run' && runStep(run) > moments.at(-1)!.step);
  const isKnown = before !== undefined && after !== undefined && parts !== undefined;
  return (
    <Panel
      title={t('lookBack.changed')}
      subtitle={
        before && after && !isSame
          ? t('lookBack.changed.loss', {
              from: fixed(before.nats, 3),
              to: fixed(after.nats, 3),
              change: signed(after.nats - before.nats, 3),
              tokens: integer(after.routes.ids.length),
            })
          : ''
      }
      {...(parts && !isSame && { table: () => driftTable(parts, t), exportName: `changed-${from.step}-${to.step}` })}
    >
      <div className={styles.line} data-export="no">
        <Select label={t('lookBack.changed.from')} options={options} value={String(from.step)} onChange={setFrom} />
        <Select label={t('lookBack.changed.to')} options={options} value={String(to.step)} onChange={setTo} />
        {!isSame && !isKnown && (
          <Button isDisabled={work.phase === 'running'} onPress={() => void lookAtTwo(from.ref, to.ref)}>
            {t('lookBack.changed.go')}
          </Button>
        )}
        {isSame && <p className={styles.quiet}>{t('lookBack.changed.same')}</p>}
        {isBeyond && <p className={styles.quiet}>{t('lookBack.changed.now', { keep: t('timeline.take') })}</p>}
      </div>
      {isKnown && !isSame && (
        <div className={styles.figures}>
          {haveOneShape(before.routes, after.routes) && <Routes before={before} after={after} />}
          <Moved parts={parts} />
        </div>
      )}
    </Panel>
  );
}

function Routes({ before, after }: { readonly before: MomentRoutes; readonly after: MomentRoutes }) {
  const { t, percent, fixed, signed } = useText();
  const { firstLayer } = after;
  const { shares, result } = useMemo(
    () => ({
      shares: changedShare(before.routes, after.routes),
      result: compareRoutes(before.routes, after.routes),
    }),
    [before, after],
  );
  const bars = useMemo(() => {
    const layers = (of: Float64Array, color: string, write: (value: number) => string): Bar[] =>
      Array.from(of, (value, layer) => ({
        id: String(layer),
        label: t('train.layer', { layer: firstLayer + layer }),
        value,
        text: write(value),
        color,
        texture: 'solid',
      }));
    return {
      routes: layers(shares, '--cat-2', (share) => percent(share, 0)),
      loads: layers(result.divergence, '--cat-1', (bits) => fixed(bits, 3)),
    };
  }, [shares, result, firstLayer, t, percent, fixed]);
  const most: TableData = {
    caption: t('lookBack.changed.experts'),
    columns: [
      t('train.balance.layer'),
      t('lookBack.changed.expert'),
      t('lookBack.changed.before'),
      t('lookBack.changed.after'),
      t('lookBack.changed.points'),
    ],
    rows: mostDifferent(result, MOST).map(({ layer, expert, shares: [was, is], difference }) => [
      firstLayer + layer,
      expert,
      percent(was, 1),
      percent(is, 1),
      signed(100 * difference, 1),
    ]),
  };
  return (
    <>
      <section>
        <h3>{t('lookBack.changed.routes')}</h3>
        <Bars bars={bars.routes} names={NAMES} legend={[]} ariaLabel={t('lookBack.changed.routes')} />
      </section>
      <section>
        <h3>{t('lookBack.changed.loads')}</h3>
        <Bars bars={bars.loads} names={NAMES} legend={[]} ariaLabel={t('lookBack.changed.loads')} />
      </section>
      <section className={styles.wide}>
        <h3>{t('lookBack.changed.experts')}</h3>
        <DataTable table={most} maxHeight={280} />
      </section>
    </>
  );
}

function Moved({ parts }: { readonly parts: readonly DriftPart[] }) {
  const { t, significant } = useText();
  const bars = useMemo(() => {
    const bar = (id: string, label: string, of: readonly DriftPart[], color: string): Bar[] => {
      const value = relativeDrift(of);
      return of.length === 0 || Number.isNaN(value)
        ? []
        : [{ id, label, value, text: significant(value, 2), color, texture: 'solid' }];
    };
    const layers = [...new Set(parts.flatMap(({ layer }) => layer ?? []))].sort((a, b) => a - b);
    return {
      groups: PARAMETER_GROUPS.flatMap((group) => bar(group, t(`lookBack.group.${group}`), ofGroup(parts, group), '--accent')),
      layers: layers.flatMap((layer) => bar(String(layer), t('train.layer', { layer }), ofLayer(parts, layer), '--cat-3')),
    };
  }, [parts, t, significant]);
  return (
    <>
      <section>
        <h3>{t('lookBack.changed.groups')}</h3>
        <Bars bars={bars.groups} names={NAMES} legend={[]} ariaLabel={t('lookBack.changed.groups')} />
      </section>
      <section>
        <h3>{t('lookBack.changed.layers')}</h3>
        <Bars bars={bars.layers} names={NAMES} legend={[]} ariaLabel={t('lookBack.changed.layers')} />
      </section>
    </>
  );
}

function driftTable(parts: readonly DriftPart[], t: ReturnType<typeof useText>['t']): TableData {
  return {
    caption: t('lookBack.changed.table'),
    columns: [t('lookBack.changed.kind'), t('train.balance.layer'), t('lookBack.changed.relative'), t('lookBack.changed.rms')],
    rows: parts.map((part) => [
      t(`lookBack.group.${part.group}`),
      part.layer ?? '–',
      relativeDrift([part]),
      rootMeanSquareDrift([part]),
    ]),
  };
}
