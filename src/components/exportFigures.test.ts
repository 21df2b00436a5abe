import { expect, test } from 'vitest';
import { toCsv } from './exportFigures';

const csv = (...row: (string | number)[]) => toCsv({ caption: '', columns: ['a'], rows: [row] }).split('\r\n')[1];

test('commas, quotes and line breaks stay inside their cell', () => {
  expect(csv('a,b', 'say "hi"', 'one\ntwo')).toBe('"a,b","say ""hi""","one\ntwo"'.split('\r\n')[0]);
});

test('numbers keep their digits, missing ones are empty', () => {
  expect(csv(0.1, 1e-7, NaN)).toBe('0.1,1e-7,');
});

test('a text never becomes a formula', () => {
  expect(csv('=1+1', '@x', '-5')).toBe("'=1+1,'@x,'-5");
});
