// What a sweep is measured on: held-out text by domain and language, or texts of the library, of one's own, typed here.
import { TextField } from '../../components/ChoiceField';
import { MultiSelect } from '../../components/MultiSelect';
import { Select } from '../../components/Select';
import { useText } from '../../components/TextContext';
import { useCorpus } from '../../stores/corpus';
import { useOwnPrompts } from '../../stores/ownPrompts';
import type { HeldOutPart, SweepPart } from '../../stores/sweep';
import styles from './Lab.module.css';
import { optionIdOf, textOptions } from './textChoiceText';

const LANGUAGES = ['all', 'zh', 'en', 'none'] as const;

/** All of the held-out text. */
export const HELD_OUT: HeldOutPart = { kind: 'heldOut', domains: [], language: 'all' };

export function SweepTexts({ part, onChange }: { readonly part: SweepPart; readonly onChange: (part: SweepPart) => void }) {
  const text = useText();
  const { t } = text;
  const own = useOwnPrompts(({ prompts }) => prompts.length);
  const options = textOptions(own, text);
  const chosen = part.kind === 'heldOut' ? part.kind : optionIdOf(part);
  return (
    <div className={styles.form}>
      <Select
        label={t('lab.sweep.texts')}
        options={[{ id: HELD_OUT.kind, label: t('lab.sweep.heldOut') }, ...options]}
        value={chosen}
        onChange={(id) => onChange(options.find((option) => option.id === id)?.choice ?? HELD_OUT)}
      />
      {part.kind === 'heldOut' && <Part part={part} onChange={onChange} />}
      {part.kind === 'typed' && (
        <TextField
          label={t('lab.sweep.typed')}
          value={part.text}
          onChange={(typed) => onChange({ kind: 'typed', text: typed })}
          multiline
        />
      )}
    </div>
  );
}

/** Which of the held-out text: domains and languages. */
function Part({ part, onChange }: { readonly part: HeldOutPart; readonly onChange: (part: HeldOutPart) => void }) {
  const { t, domain } = useText();
  const corpus = useCorpus(({ corpus: known }) => known);
  const domains = corpus.phase === 'ready' ? corpus.info.domains : [];
  return (
    <>
      <MultiSelect
        label={t('lab.sweep.domains')}
        options={domains.map((id) => ({ id, label: domain(id) }))}
        values={part.domains}
        onChange={(chosen) => onChange({ ...part, domains: chosen })}
        none={t('lab.sweep.allDomains')}
      />
      <Select
        label={t('lab.sweep.language')}
        options={LANGUAGES.map((id) => ({ id, label: t(`lab.sweep.language.${id}`) }))}
        value={part.language}
        onChange={(language) => onChange({ ...part, language })}
      />
    </>
  );
}
