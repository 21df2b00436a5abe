// Named starting points, in plain words.
import { Badge } from '../../components/Badge';
import { Select } from '../../components/Select';
import { useText } from '../../components/TextContext';
import { differingFields } from '../../config/fields';
import { PRESET_IDS, PRESETS } from '../../config/presets';
import { choosePreset, useConfig } from '../../stores/config';
import styles from './rail.module.css';

export function PresetPicker() {
  const { t, loose } = useText();
  const preset = useConfig((state) => state.preset);
  const draft = useConfig((state) => state.draft);
  const edited = differingFields(draft, PRESETS[preset]).length > 0;
  return (
    <section className={styles.block}>
      <h2 className={styles.blockTitle}>
        {t('train.preset')} {edited && <Badge>{t('train.preset.edited')}</Badge>}
      </h2>
      <Select
        label={t('train.preset')}
        labelHidden
        wide
        options={PRESET_IDS.map((id) => ({
          id,
          label: loose(`preset.${id}.name`),
          description: loose(`preset.${id}.description`),
        }))}
        value={preset}
        onChange={choosePreset}
      />
      <p className={styles.note}>{loose(`preset.${preset}.description`)}</p>
    </section>
  );
}
