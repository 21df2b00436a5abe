// The page asks where the time goes, and is told of every step until it asks no more.
import { afterEach, expect, it } from 'vitest';
import { phaseTotals } from '../core/stepTrace';
import { sum } from '../core/stats';
import { booted, closePages, phaseOf, scalarsOf, trained, until } from '../testing/enginePage';
import { valueOf } from '../testing/fixtureModel';

afterEach(closePages);

it('steps are traced from when it is asked for until it is not, within the time they took, and no loss changes', async () => {
  const plain = await booted();
  await trained(plain, 4);
  const opened = await booted();
  valueOf(await opened.client.request({ kind: 'traceSteps', mode: 'exact' }));
  await trained(opened, 2);
  valueOf(await opened.client.request({ kind: 'traceSteps', mode: 'off' }));
  valueOf(await opened.client.request({ kind: 'step', count: 2 }));
  await until(() => scalarsOf(opened).length === 4 && phaseOf(opened)?.phase === 'paused');
  const told = opened.news.stepTraces.flatMap(({ traces }) => [...traces]);
  expect(told.map(({ step, exact }) => [step, exact])).toEqual([
    [1, true],
    [2, true],
  ]);
  for (const trace of told) {
    const { stepMs } = scalarsOf(opened).find(({ step }) => step === trace.step)!;
    expect(sum(Object.values(phaseTotals(trace)))).toBeLessThanOrEqual(trace.duration + 1e-6);
    expect(trace.duration).toBeLessThanOrEqual(stepMs);
  }
  const { memory } = opened.news.stepTraces.at(-1)!;
  expect(memory.tensors).toBeGreaterThan(0);
  expect(memory.tensorBytes).toBeGreaterThan(0);
  expect(scalarsOf(opened).map(({ loss }) => loss)).toEqual(scalarsOf(plain).map(({ loss }) => loss));
});

it('a way of tracing nobody knows is refused by name', async () => {
  const opened = await booted();
  const refused = await opened.client.request({ kind: 'traceSteps', mode: 'slow' as 'exact' });
  expect(!refused.ok && refused.error).toEqual({ code: 'internal', detail: 'step tracing slow; it can be off, quick, exact' });
});
