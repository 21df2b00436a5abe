// What each domain of the held-out text costs now, as bars: which kind of text is learned, and which is not yet.
import { useMemo } from 'react';
import { Bars } from '../../components/Bars';
import type { Bar } from '../../components/BarsDrawing';
import { useText } from '../../components/TextContext';
import type { LossUnit } from '../../stores/preferences';
import { useValidation } from '../../stores/validation';
import { baselineOf } from './lossData';
import { LANGUAGE_TEXTURE, useDomainLook } from './useDomainLook';
import styles from './Train.module.css';

const LANGUAGES = ['zh', 'en', 'none'] as const;

export function DomainBars({ unit }: { readonly unit: LossUnit }) {
  const { t, fixed } = useText();
  const latest = useValidation((state) => state.results.at(-1));
  const baselines = useValidation((state) => state.baselines?.domains);
  const look = useDomainLook();
  const bars = useMemo(
    () =>
      (latest?.domains ?? []).map((loss): Bar => {
        const { id, label, color, texture } = look(loss);
        const bigram = baselineOf(baselines, loss)?.bigram;
        const mark = bigram === undefined ? undefined : (bigram * loss[unit]) / loss.nats;
        return { id, label, color, texture, value: loss[unit], text: fixed(loss[unit], 2), mark };
      }),
    [latest, baselines, unit, look, fixed],
  );
  if (!latest) return <p className={styles.quiet}>{t('train.loss.perDomain.none')}</p>;
  return (
    <Bars
      bars={bars}
      reference={latest.overall[unit]}
      names={130}
      legend={[
        ...LANGUAGES.filter((language) => latest.domains.some((loss) => loss.language === language)).map((language) => ({
          texture: LANGUAGE_TEXTURE[language],
          label: t(`train.domain.language.${language}`),
        })),
        ...(baselines ? [{ texture: 'mark' as const, label: t('train.loss.tokenBefore') }] : []),
        { texture: 'line' as const, label: t('train.loss.wholeText', { loss: fixed(latest.overall[unit], 2) }) },
      ]}
      ariaLabel={`${t('train.loss.perDomain')}, ${t(`train.loss.unit.${unit}`)}`}
    />
  );
}
