import { expect, test } from 'vitest';
import { changed, redone, undoable, undone } from './undo';

test('what was changed can be taken back and done again, in order', () => {
  const third = changed(changed(undoable('a'), 'b'), 'c');
  const first = undone(undone(third));
  expect(first.present).toBe('a');
  expect(undone(first)).toBe(first);
  expect(redone(redone(first))).toEqual(third);
  expect(redone(third)).toBe(third);
});

test('a change after taking back forgets what was taken back', () => {
  const branch = changed(undone(changed(undoable(1), 2)), 3);
  expect(branch).toEqual({ past: [1], present: 3, future: [] });
});

test('the past has an end', () => {
  let state = undoable(0);
  for (let value = 1; value <= 300; value++) state = changed(state, value);
  expect(state.past).toHaveLength(100);
  expect(state.past[0]).toBe(200);
});
