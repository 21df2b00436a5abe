// What is asked of the prompt lab in tests, and a run in mid-training to ask.
import type { Intervention } from '../config/intervention';
import type { PromptQuestion } from '../protocol/lab';
import { booted, config, scalarsOf, until, type Page } from './enginePage';
import { valueOf } from './fixtureModel';

export const live = { kind: 'live' } as const;
export const ask = (
  text: string,
  interventions: readonly Intervention[] = [],
  continuation: readonly number[] = [],
): PromptQuestion => ({
  model: live,
  text,
  continuation,
  interventions,
});
export const mute = (expert: number): Intervention => ({
  kind: 'mute',
  experts: [expert],
  mode: 'zero',
  layers: null,
  tokens: null,
});

/** A run in mid-training that nothing but the test interrupts. */
export async function playing(): Promise<Page> {
  const opened = await booted();
  const train = { ...config.train, validationEvery: 0, sampleEvery: 0 };
  valueOf(await opened.client.request({ kind: 'createRun', config: { ...config, train } }));
  valueOf(await opened.client.request({ kind: 'play' }));
  await until(() => scalarsOf(opened).length > 0);
  return opened;
}
