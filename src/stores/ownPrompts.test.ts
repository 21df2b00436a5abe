// Prompts a person keeps.
import { beforeEach, expect, test } from 'vitest';
import { addPrompt, deletePrompt, readOwnPrompts, renamePrompt, useOwnPrompts } from './ownPrompts';

const own = () => useOwnPrompts.getState().prompts;

beforeEach(() => useOwnPrompts.setState({ prompts: [] }));

test('a prompt is added, renamed, deleted; one without a name is called by its beginning', () => {
  expect(addPrompt('', '春江潮水连海平')).toBe(true);
  expect(addPrompt('sea', 'the sea')).toBe(true);
  const [first, second] = own();
  expect([first!.name, second!.name]).toEqual(['春江潮水连海平', 'sea']);
  renamePrompt(second!.id, '  the wide sea ');
  deletePrompt(first!.id);
  expect(own()).toEqual([{ id: second!.id, name: 'the wide sea', text: 'the sea' }]);
  expect(addPrompt('again', 'x')).toBe(true);
  expect(new Set(own().map(({ id }) => id)).size).toBe(2);
});

test('what is empty, too long or one too many is not kept', () => {
  expect([addPrompt('a', '  '), addPrompt('a', 'x'.repeat(20_001))]).toEqual([false, false]);
  useOwnPrompts.setState({ prompts: Array.from({ length: 500 }, (_, i) => ({ id: String(i), name: 'a', text: 'b' })) });
  expect(addPrompt('a', 'b')).toBe(false);
});

test('of a record only prompts are taken over', () => {
  const good = { id: '1', name: 'a', text: 'b' };
  const bad = [null, 3, { id: 1, name: 'a', text: 'b' }, { id: '2', name: 'a' }, { ...good, id: '3', text: 'x'.repeat(20_001) }];
  expect(readOwnPrompts({ prompts: [...bad, good, { ...good, name: 'twice' }] })).toEqual([good]);
  for (const stored of [null, undefined, 'x', {}, { prompts: 'x' }, { prompts: { length: 3 } }])
    expect(readOwnPrompts(stored)).toEqual([]);
});
