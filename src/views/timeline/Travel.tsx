// From the moment looked at: back to it, or off from it as a new run with other settings.
import { useState } from 'react';
import { Button } from '../../components/Button';
import { ChoiceField } from '../../components/ChoiceField';
import { Dialog } from '../../components/Dialog';
import { NumberField } from '../../components/NumberField';
import { useText } from '../../components/TextContext';
import type { FieldChange } from '../../config/fieldChange';
import { fieldValue, findField, withField, type Field, type FieldValue } from '../../config/fields';
import { checkRunConfig } from '../../config/validate';
import type { RunMoment } from '../../protocol/modelRef';
import { useKept } from '../../stores/kept';
import { branchFrom, stepBackTo } from '../../stores/resume';
import { runInfo, useRun } from '../../stores/run';
import { engineErrorText, fieldErrorText } from '../train/errorText';
import { inRange, isNumeric, rangeIn } from '../train/fieldRange';
import { CHANGEABLE } from './changeable';
import styles from './Timeline.module.css';
import { useMomentConfig } from './useMomentConfig';

/** @param isOwn the moment is of the run itself, which can stand there again; the run it came from stays as it is */
export function Travel({ moment, isOwn }: { readonly moment: RunMoment; readonly isOwn: boolean }) {
  const { t } = useText();
  const [asked, setAsked] = useState<'back' | 'branch' | null>(null);
  const isBusy = useKept((state) => state.isBusy);
  const close = (): void => setAsked(null);
  return (
    <div className={styles.travel}>
      <Button size="s" isDisabled={isBusy} onPress={() => setAsked('branch')}>
        {t('timeline.branch')}
      </Button>
      {isOwn && (
        <Button size="s" isDisabled={isBusy} onPress={() => setAsked('back')}>
          {t('timeline.stepBack')}
        </Button>
      )}
      {asked === 'back' && <SteppingBack moment={moment} onClose={close} />}
      {asked === 'branch' && <Branching moment={moment} onClose={close} />}
    </div>
  );
}

interface AskedProps {
  readonly moment: RunMoment;
  readonly onClose: () => void;
}

function SteppingBack({ moment, onClose }: AskedProps) {
  const { t, integer } = useText();
  const step = integer(moment.step);
  const go = (): void => {
    onClose();
    void stepBackTo(moment);
  };
  return (
    <Dialog
      title={t('timeline.stepBack.title', { step })}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t('components.cancel')}</Button>
          <Button tone="danger" onPress={go}>
            {t('timeline.stepBack')}
          </Button>
        </>
      }
    >
      <p>{t('timeline.stepBack.body', { step })}</p>
    </Dialog>
  );
}

function Branching({ moment, onClose }: AskedProps) {
  const text = useText();
  const { t, loose, integer } = text;
  const own = useRun(({ run }) => runInfo(run));
  const kept = useKept((state) => state.kept.runs);
  const name = [own, ...kept].find((run) => run?.runId === moment.runId)?.name ?? '';
  const read = useMomentConfig(moment);
  const then = read?.ok ? read.value : null;
  const [changed, setChanged] = useState<readonly FieldChange[]>([]);
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const config = then && changed.reduce((before, { field, value }) => withField(before, findField(field)!, value), then);
  const faults = config ? checkRunConfig(config) : [];
  const set = ({ path }: Field, value: FieldValue): void =>
    setChanged((before) => [...before.filter(({ field }) => field !== path), { field: path, value }]);
  const go = (): void => {
    onClose();
    void branchFrom(moment, changed);
  };
  return (
    <Dialog
      title={t('timeline.branch.title', { name, step: integer(moment.step) })}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{t('components.cancel')}</Button>
          <Button tone="primary" isDisabled={!config || faults.length > 0} onPress={go}>
            {t('timeline.branch.go')}
          </Button>
        </>
      }
    >
      <p>{t('timeline.branch.body')}</p>
      {!read && <p role="status">{t('timeline.branch.reading')}</p>}
      {read && !read.ok && <p role="alert">{t('timeline.branch.unread', { error: engineErrorText(read.error, text) })}</p>}
      {CHANGEABLE.map((field) => {
        if (!config) return null;
        const value = fieldValue(config, field);
        const fault = faults.find((one) => one.field === field.path);
        const range = isNumeric(field) ? rangeIn(config, field) : null;
        const frame = {
          label: loose(`field.${field.path}.label`),
          codeName: field.codeName,
          ...(fault && { error: fieldErrorText(range ? inRange(fault, range) : fault, text, typed[field.path]) }),
        };
        if (field.kind === 'choice')
          return (
            <ChoiceField
              key={field.path}
              {...frame}
              value={String(value)}
              options={field.options.map((id) => ({ id, label: loose(`field.${field.path}.option.${id}`) }))}
              onChange={(next) => set(field, next)}
            />
          );
        if (!isNumeric(field)) return null;
        return (
          <NumberField
            key={field.path}
            {...frame}
            {...range!}
            step={field.step}
            scale={field.scale}
            integer={field.kind === 'integer'}
            value={Number(value)}
            onChange={(next, asTyped = '') => {
              setTyped((before) => ({ ...before, [field.path]: asTyped }));
              set(field, next);
            }}
          />
        );
      })}
    </Dialog>
  );
}
