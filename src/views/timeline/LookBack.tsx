// Looking back along a line of moments: how soon the router settled, how far the weights have moved, what lies between two of them.
import { useMemo } from 'react';
import { thinned } from '../../checkpoint/ladder';
import { Button } from '../../components/Button';
import { Disclosure } from '../../components/Disclosure';
import { ProgressBar } from '../../components/Progress';
import { EmptyState, ErrorState } from '../../components/States';
import { useText } from '../../components/TextContext';
import type { KeptModel } from '../../protocol/modelRef';
import { useLine, type Line, type LineMoment } from '../../stores/line';
import { cancelLookBack, lookBack, missing, useLookBack } from '../../stores/lookBack';
import { useShelf } from '../../stores/shelf';
import { engineErrorText } from '../train/errorText';
import { Changed } from './Changed';
import { Drift } from './Drift';
import styles from './LookBack.module.css';
import { Saturation } from './Saturation';

/** More would take long, and lie closer together than a curve can show. */
const MOST_MOMENTS = 24;

/** Of the run where there is one, else of the model that comes with the page. */
export function LookBack() {
  const { t } = useText();
  const line = useLine('run');
  if (!line) return null;
  return (
    <Disclosure title={t('lookBack.title')}>
      <Inside line={line} />
    </Disclosure>
  );
}

/** Spread evenly over a logarithmic axis where there are too many; the first and the last are among them. */
function chosen(moments: readonly LineMoment[]): LineMoment[] {
  return thinned(
    moments.map((moment) => ({ ...moment, bytes: 1, isPinned: false })),
    MOST_MOMENTS,
  );
}

function Inside({ line }: { readonly line: Line }) {
  const text = useText();
  const { t, integer } = text;
  const state = useLookBack();
  const moments = useMemo(() => chosen(line.moments), [line.moments]);
  const refs = moments.map(({ ref }) => ref);
  if (moments.length < 2) return <EmptyState title={t('lookBack.few.title')}>{t('lookBack.few.body')}</EmptyState>;
  const { work } = state;
  const left = missing(refs, state);
  const isBare = left > 0 && left === missing(refs, { ...state, routes: {}, drifts: {} });
  const start = (
    <Button tone={isBare ? 'primary' : 'plain'} size={isBare ? 'm' : 's'} onPress={() => void lookBack(refs)}>
      {t(isBare ? 'lookBack.measure' : 'lookBack.more')}
    </Button>
  );
  return (
    <div className={styles.stack}>
      {work.phase === 'running' && <ProgressBar label={t('lookBack.running')} share={work.share} onCancel={cancelLookBack} />}
      {work.phase === 'failed' && (
        <ErrorState
          title={t('train.problem.title')}
          what={t('lookBack.failed', { error: engineErrorText(work.error, text) })}
          actions={start}
        />
      )}
      {work.phase === 'idle' && isBare && (
        <EmptyState title={t('lookBack.empty.title')} action={start}>
          <Cost refs={refs} count={integer(refs.length)} />
        </EmptyState>
      )}
      {work.phase === 'idle' && left > 0 && !isBare && <div>{start}</div>}
      {!isBare && (
        <>
          <Saturation line={line} moments={moments} />
          <Drift line={line} moments={moments} />
          <Changed line={line} moments={line.moments} />
        </>
      )}
    </div>
  );
}

/** What measuring takes: moments that come with the page have to be fetched. */
function Cost({ refs, count }: { readonly refs: readonly KeptModel[]; readonly count: string }) {
  const { t, bytes } = useText();
  const manifest = useShelf((state) => state.manifest);
  const isShelf = refs[0]?.kind === 'shipped' && manifest && manifest !== 'missing';
  if (!isShelf) return t('lookBack.empty.body', { moments: count });
  const size = manifest.snapshots.reduce((sum, snapshot) => sum + snapshot.bytes, 0);
  return t('lookBack.empty.shelf', { moments: count, bytes: bytes(size) });
}
