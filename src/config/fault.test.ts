import { expect, test } from 'vitest';
import { FAULT_KINDS, FAULT_PHASES, parseFault } from './fault';

test('every kind in every phase can be planned', () => {
  for (const kind of FAULT_KINDS)
    for (const phase of FAULT_PHASES)
      expect(parseFault(`${kind}:${phase}:12`)).toEqual({ ok: true, value: { kind, phase, step: 12 } });
});

test.each([
  ['', 'form'],
  ['throw', 'form'],
  ['throw:idle:1:2', 'form'],
  ['explode:idle:1', 'kind'],
  ['constructor:idle:1', 'kind'],
  ['Throw:idle:1', 'kind'],
  ['throw:sleeping:1', 'phase'],
  ['throw:idle:', 'step'],
  ['throw:idle:-1', 'step'],
  ['throw:idle:1.5', 'step'],
  ['throw:idle:1e3', 'step'],
  ['throw:idle:1234567', 'step'],
])('%j is refused for its %s', (text, offence) => {
  expect(parseFault(text)).toEqual({ ok: false, error: offence });
});
