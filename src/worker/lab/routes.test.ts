// Routes of many texts, as the page gets them.
import { afterEach, expect, it } from 'vitest';
import { memory } from '../../kernels/tensor';
import { booted, closePages, config, phaseOf, trained, until, type Page } from '../../testing/enginePage';
import { valueOf } from '../../testing/fixtureModel';

afterEach(closePages);

const live = { kind: 'live' } as const;
const TEXTS = ['the points', '', '信号落下', 'a signal falls'];

/** Each text traced alone, without its end token. */
async function alone(opened: Page) {
  const traced = [];
  for (const text of TEXTS) {
    const question = { model: live, text, continuation: [], interventions: [] };
    const { baseline, prompt } = valueOf(await opened.client.request({ kind: 'trace', question, lens: false }));
    const { layers, tokens: T, expertsPerToken: K, chosen } = baseline;
    const byLayer = Array.from({ length: layers }, (_, l) => [...chosen].slice((l * T + 1) * K, (l + 1) * T * K));
    traced.push({ ids: [...prompt.ids].slice(1), byLayer });
  }
  return traced;
}

it('are those of each text traced alone, the end token left out', async () => {
  const opened = await booted();
  await trained(opened, 2, { ...config, model: { ...config.model, numHiddenLayers: 3 } });
  const before = memory().numTensors;
  const told: number[] = [];
  const onProgress = ({ done, total }: { done: number; total: number }) => void told.push(done / total);
  const { routes, step, firstLayer } = valueOf(
    await opened.client.request({ kind: 'routes', request: { model: live, texts: TEXTS } }, { onProgress }),
  );
  expect(memory().numTensors).toBe(before);
  expect([step, firstLayer]).toEqual([2, 1]);
  expect(told).toEqual([0.25, 0.5, 0.75, 1]);
  const each = await alone(opened);
  expect([...routes.tokens]).toEqual(each.map(({ ids }) => ids.length));
  expect([...routes.ids]).toEqual(each.flatMap(({ ids }) => ids));
  expect([...routes.chosen]).toEqual([0, 1].flatMap((layer) => each.flatMap(({ byLayer }) => byLayer[layer]!)));
  expect(routes).toMatchObject({ layers: 2, experts: 4, expertsPerToken: 2 });
});

it('are of one set of weights while the run trains on', async () => {
  const opened = await booted();
  const train = { ...config.train, validationEvery: 0, sampleEvery: 0 };
  valueOf(await opened.client.request({ kind: 'createRun', config: { ...config, train } }));
  valueOf(await opened.client.request({ kind: 'play' }));
  await until(() => phaseOf(opened)?.phase === 'training');
  const texts = Array<string>(6).fill('the wagons roll');
  const { routes } = valueOf(await opened.client.request({ kind: 'routes', request: { model: live, texts } }));
  const size = routes.chosen.length / 6;
  const first = [...routes.chosen.subarray(0, size)];
  for (let text = 1; text < 6; text++) expect([...routes.chosen.subarray(text * size, (text + 1) * size)]).toEqual(first);
  valueOf(await opened.client.request({ kind: 'pause' }));
  await until(() => phaseOf(opened)?.phase === 'paused');
});

it('are refused of no text, of too many, of one beyond the context', async () => {
  const opened = await booted();
  await trained(opened, 1);
  for (const [texts, field] of [
    [[], 'texts'],
    [Array<string>(501).fill('a'), 'texts'],
    [['a', 'the train stops at the yard '.repeat(4)], 'prompt'],
  ] as const) {
    const reply = await opened.client.request({ kind: 'routes', request: { model: live, texts } });
    expect(!reply.ok && [reply.error.code, reply.error.fields?.[0]?.field]).toEqual(['invalid-question', field]);
  }
});

it('stop when nobody wants them', async () => {
  const opened = await booted();
  await trained(opened, 1);
  const before = memory().numTensors;
  const controller = new AbortController();
  const onProgress = () => controller.abort();
  const reply = await opened.client.request(
    { kind: 'routes', request: { model: live, texts: TEXTS } },
    { signal: controller.signal, onProgress },
  );
  expect(reply.ok ? 'read' : reply.error.code).toBe('cancelled');
  await until(() => memory().numTensors === before);
});
