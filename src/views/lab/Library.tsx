// The prompt library: texts by domain in both languages, and one's own, in a dialog beside the prompt field.
import { useState } from 'react';
import { Button, IconButton } from '../../components/Button';
import { TextField } from '../../components/ChoiceField';
import { Dialog } from '../../components/Dialog';
import { Segmented } from '../../components/Segmented';
import { Select } from '../../components/Select';
import { useText } from '../../components/TextContext';
import { LIBRARY_DOMAINS, LIBRARY_LANGUAGES, PROMPT_LIBRARY, type LibraryDomain } from '../../data/library/promptLibrary';
import { setLabText, useLab } from '../../stores/lab';
import { addPrompt, deletePrompt, renamePrompt, useIsKept, useOwnPrompts, type OwnPrompt } from '../../stores/ownPrompts';
import styles from './Library.module.css';

const SHELVES = [...LIBRARY_DOMAINS, 'own'] as const;

export function Library() {
  const { t } = useText();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button size="s" onPress={() => setIsOpen(true)}>
        {t('library.open')}
      </Button>
      <Dialog title={t('library.title')} isOpen={isOpen} onClose={() => setIsOpen(false)}>
        <Shelves
          onChoose={(text) => {
            setLabText(text);
            setIsOpen(false);
          }}
        />
      </Dialog>
    </>
  );
}

interface ChooseProps {
  readonly onChoose: (text: string) => void;
}

function Shelves({ onChoose }: ChooseProps) {
  const { t, language } = useText();
  const own = useOwnPrompts(({ prompts }) => prompts.length);
  const [shelf, setShelf] = useState<LibraryDomain | 'own'>(own > 0 ? 'own' : 'dialogue');
  const [tongue, setTongue] = useState(language);
  return (
    <div className={styles.library}>
      {shelf !== 'own' && <p className={styles.lead}>{t('library.lead')}</p>}
      <div className={styles.line}>
        <Select
          label={t('library.domain')}
          options={SHELVES.map((id) => ({ id, label: t(`library.domain.${id}`) }))}
          value={shelf}
          onChange={setShelf}
        />
        {shelf !== 'own' && (
          <Segmented
            label={t('library.language')}
            options={LIBRARY_LANGUAGES.map((id) => ({ id, label: t(`library.language.${id}`) }))}
            value={tongue}
            onChange={setTongue}
          />
        )}
      </div>
      {shelf === 'own' ? (
        <Own onChoose={onChoose} />
      ) : (
        <ul className={styles.prompts}>
          {PROMPT_LIBRARY[shelf].map((prompt) => (
            <li key={prompt.en}>
              <Button onPress={() => onChoose(prompt[tongue])}>
                <span lang={tongue}>{prompt[tongue]}</span>
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Own({ onChoose }: ChooseProps) {
  const { t } = useText();
  const prompts = useOwnPrompts((state) => state.prompts);
  const isKept = useIsKept((state) => state.isKept);
  const typed = useLab(({ text }) => text);
  const [name, setName] = useState('');
  const [isRefused, setIsRefused] = useState(false);
  const add = (): void => {
    const isAdded = addPrompt(name, typed);
    setIsRefused(!isAdded);
    if (isAdded) setName('');
  };
  return (
    <>
      {prompts.length === 0 && <p className={styles.lead}>{t('library.own.none')}</p>}
      <ul className={styles.prompts}>
        {prompts.map((prompt) => (
          <OwnRow key={prompt.id} prompt={prompt} onChoose={onChoose} />
        ))}
      </ul>
      <form
        className={styles.line}
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <TextField
          label={t('library.own.name')}
          value={name}
          onChange={setName}
          placeholder={typed.slice(0, 24)}
          error={isRefused ? t('library.own.full') : undefined}
        />
        <Button type="submit">{t('library.own.add')}</Button>
      </form>
      {!isKept && <p role="status">{t('library.own.notKept')}</p>}
    </>
  );
}

function OwnRow({ prompt, onChoose }: ChooseProps & { readonly prompt: OwnPrompt }) {
  const { t } = useText();
  const [draft, setDraft] = useState<string | null>(null);
  const { id, name, text } = prompt;
  if (draft !== null)
    return (
      <li>
        <form
          className={styles.line}
          onSubmit={(event) => {
            event.preventDefault();
            renamePrompt(id, draft);
            setDraft(null);
          }}
        >
          <TextField label={t('library.own.rename', { name })} value={draft} onChange={setDraft} />
          <Button type="submit">{t('library.own.save')}</Button>
        </form>
      </li>
    );
  return (
    <li className={styles.own}>
      <Button onPress={() => onChoose(text)}>
        <strong>{name}</strong>
        {name !== text && <span>{text}</span>}
      </Button>
      <IconButton icon="edit" size="s" label={t('library.own.rename', { name })} onPress={() => setDraft(name)} />
      <IconButton icon="close" size="s" label={t('library.own.delete', { name })} onPress={() => deletePrompt(id)} />
    </li>
  );
}
