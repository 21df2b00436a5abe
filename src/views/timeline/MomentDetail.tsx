// What is known of the moment looked at before anything is asked of it: when it was kept, how far the run was, and by which settings.
import { fieldValue } from '../../config/fields';
import type { RunConfig } from '../../config/trainConfig';
import { useText } from '../../components/TextContext';
import type { RunMoment } from '../../protocol/modelRef';
import { useKept } from '../../stores/kept';
import { rungsAt, usePast } from '../../stores/past';
import { tokensAt, type Line, type LineMoment } from '../../stores/line';
import { useShelf, shownSnapshot } from '../../stores/shelf';
import { useTimeline } from '../../stores/timeline';
import { engineErrorText } from '../train/errorText';
import { fieldValueText } from '../train/fieldValueText';
import { CHANGEABLE } from './changeable';
import styles from './Timeline.module.css';
import { useMomentConfig } from './useMomentConfig';

interface DetailProps {
  readonly line: Line;
  readonly moment: LineMoment;
}

export function MomentDetail({ line, moment }: DetailProps) {
  return moment.ref.kind === 'checkpoint' ? (
    <OfRun line={line} moment={moment} of={moment.ref} />
  ) : (
    <OfShelf line={line} moment={moment} />
  );
}

function OfRun({ line, moment: { step, isWhole }, of }: DetailProps & { readonly of: RunMoment }) {
  const text = useText();
  const { t, bytes, moment: time, fixed, integer } = text;
  const own = useTimeline((state) => state.snapshots);
  const past = usePast((state) => state.past);
  const rungs = rungsAt(of, own, past);
  const isPast = of.runId !== line.runId;
  const runName = useKept(({ kept }) => kept.runs.find(({ runId }) => runId === of.runId)?.name);
  const parent = useKept(({ kept }) => kept.runs.find(({ runId }) => runId === of.runId)?.parent);
  const parentName = useKept(({ kept }) => kept.runs.find(({ runId }) => runId === parent?.runId)?.name);
  const read = useMomentConfig(of);
  const [rung] = rungs;
  const size = rungs.reduce((sum, one) => sum + one.bytes, 0);
  return (
    <>
      <Detail
        entries={[
          ...(isPast ? [[t('timeline.detail.run'), runName ?? '–'] as const] : []),
          rung
            ? [t('timeline.detail.kept'), rung.savedAt === undefined ? '–' : time(rung.savedAt)]
            : [t('timeline.detail.origin'), t('timeline.detail.seed')],
          [t('timeline.detail.tokens'), integer(tokensAt(line, step))],
          ...(rung?.loss === undefined ? [] : [[t('timeline.detail.loss'), fixed(rung.loss, 3)] as const]),
          ...(rung
            ? [
                [
                  t('timeline.detail.holds'),
                  t(`timeline.detail.${isWhole ? 'whole' : 'weights'}`, { bytes: bytes(size) }),
                ] as const,
              ]
            : []),
          ...(parent
            ? [
                [
                  t('timeline.detail.parent'),
                  t('timeline.detail.from', { name: parentName ?? '–', step: integer(parent.step) }),
                ] as const,
              ]
            : []),
        ]}
        config={read?.ok ? read.value : null}
      />
      {read && !read.ok && (
        <p className={styles.problem} role="alert">
          {t('timeline.branch.unread', { error: engineErrorText(read.error, text) })}
        </p>
      )}
    </>
  );
}

function OfShelf({ line, moment: { ref, step } }: DetailProps) {
  const { t, bytes, fixed, integer } = useText();
  const snapshot = shownSnapshot(useShelf(), ref);
  if (!snapshot) return null;
  return (
    <Detail
      entries={[
        [t('timeline.detail.tokens'), integer(tokensAt(line, step))],
        [t('timeline.detail.heldOut'), fixed(snapshot.nats, 3)],
        [t('timeline.detail.holds'), t('timeline.detail.weights', { bytes: bytes(snapshot.bytes) })],
      ]}
      config={line.config}
    />
  );
}

interface DetailEntries {
  readonly entries: readonly (readonly [name: string, value: string])[];
  /** null: not read. */
  readonly config: RunConfig | null;
}

function Detail({ entries, config }: DetailEntries) {
  const text = useText();
  // Named while they are being read as well, so that what is below keeps its place.
  const settings = CHANGEABLE.map((field) => [
    text.loose(`field.${field.path}.label`),
    config ? fieldValueText(field.path, fieldValue(config, field), text) : '–',
  ]);
  return (
    <dl className={styles.detail}>
      {[...entries, ...settings].map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
