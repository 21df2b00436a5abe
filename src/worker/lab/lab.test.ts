// The prompt lab behind its door, on a run of the tests' own sentences.
import { afterEach, describe, expect, it } from 'vitest';
import type { Intervention } from '../../config/intervention';
import { memory } from '../../kernels/tensor';
import type { GeneratedToken, GenerationRequest } from '../../protocol/lab';
import { valueOf } from '../../testing/fixtureModel';
import { booted, closePages, config, phaseOf, trained, until, type Page } from '../../testing/enginePage';
import { ask, live, mute, playing } from '../../testing/labQuestions';
import { quickest } from '../../testing/quickest';

afterEach(closePages);

const writing = (text: string, more: Partial<GenerationRequest> = {}): GenerationRequest => ({
  ...ask(text),
  tokens: 6,
  temperature: 0.8,
  topK: 0,
  topP: 1,
  repetitionPenalty: 1,
  seed: 3,
  ...more,
});
/** Text of legible pieces, ⟨E4⟩ being a byte. */
const spelled = (pieces: readonly string[]): string =>
  decodeURIComponent(
    pieces
      .map((piece) => encodeURIComponent(piece))
      .join('')
      .replaceAll(/%E2%9F%A8([0-9A-F]{2})%E2%9F%A9/g, '%$1'),
  );

async function write(opened: Page, request: GenerationRequest) {
  const made: GeneratedToken[] = [];
  const onProgress = (progress: { made?: GeneratedToken }) => void (progress.made && made.push(progress.made));
  const answer = valueOf(await opened.client.request({ kind: 'generate', request }, { onProgress }));
  return { answer, made };
}

describe('a prompt', () => {
  it('is traced in both languages, with the change beside it where there is one', async () => {
    const opened = await booted();
    await trained(opened, 2);
    for (const text of ['the points', '信号落下']) {
      const plain = valueOf(await opened.client.request({ kind: 'trace', question: ask(text), lens: true }));
      expect(plain.step).toBe(2);
      expect(spelled(plain.prompt.pieces.slice(1))).toBe(text);
      expect(plain.baseline.tokens).toBe(plain.prompt.ids.length);
      for (const id of [...plain.baseline.next.ids, ...plain.baseline.lens!.ids]) expect(plain.predicted[id]).toBeDefined();
      expect(plain.baseline.lens?.readings).toBe(config.model.numHiddenLayers + 1);
      expect(plain.changed).toBeNull();
      const [busiest] = plain.baseline.chosen;
      const muted = valueOf(await opened.client.request({ kind: 'trace', question: ask(text, [mute(busiest!)]), lens: true }));
      expect(muted.changed?.trace.lens?.readings).toBe(config.model.numHiddenLayers + 1);
      expect(muted.baseline).toEqual({ ...plain.baseline, lens: null });
      const { trace, divergence, surpriseChange } = muted.changed!;
      expect(trace.weights[0]).toBe(0);
      expect(divergence[0]).toBeGreaterThan(0);
      expect(surpriseChange[1]).toBeCloseTo(trace.surprise[1]! - plain.baseline.surprise[1]!, 5);
    }
  });

  it('that is empty, one character, an emoji or half of one has an answer; its bytes are legible', async () => {
    const opened = await booted();
    await trained(opened, 1);
    for (const text of ['', 'a', '🦉', '\ud83e', '\0']) {
      const { prompt, baseline } = valueOf(await opened.client.request({ kind: 'trace', question: ask(text), lens: false }));
      expect(baseline.tokens).toBe(prompt.ids.length);
      expect(prompt.pieces.every((piece, t) => t === 0 || piece.length > 0)).toBe(true);
      expect(baseline.surprise.slice(1).every(Number.isFinite)).toBe(true);
    }
  });

  it('beyond the context is refused with its length, a megabyte of it at once', async () => {
    const opened = await booted();
    await trained(opened, 1);
    for (const text of ['the train stops at the yard '.repeat(4), '车'.repeat(1 << 20)]) {
      const trace = () => opened.client.request({ kind: 'trace', question: ask(text), lens: false });
      const [reply, took] = await quickest(2000, trace);
      expect(took).toBeLessThan(2000);
      expect(!reply.ok && reply.error.code).toBe('invalid-question');
      const [field] = (!reply.ok && reply.error.fields) || [];
      expect(field).toMatchObject({ field: 'prompt', rule: 'range', params: { min: 0, max: config.train.sequenceLength - 1 } });
      expect(field!.value as number).toBeGreaterThan(config.train.sequenceLength - 1);
    }
  });

  it('with an intervention or a layer the model does not have is refused by name', async () => {
    const opened = await booted();
    await trained(opened, 1);
    const beyond = await opened.client.request({ kind: 'trace', question: ask('a', [mute(4)]), lens: false });
    expect(!beyond.ok && beyond.error.fields?.map(({ field, value }) => [field, value])).toEqual([
      ['interventions.0.experts', 4],
    ]);
    const stranger = await opened.client.request({ kind: 'trace', question: ask('a', [], [99_999]), lens: false });
    expect(!stranger.ok && stranger.error.fields?.[0]).toMatchObject({ field: 'continuation', value: 99_999 });
    const layer = await opened.client.request({ kind: 'attention', question: ask('a'), layer: 2 });
    expect(!layer.ok && layer.error.fields?.[0]).toMatchObject({ field: 'layer', value: 2, params: { min: 0, max: 1 } });
    const model = { kind: 'imported', id: 'x' } as const;
    const elsewhere = await opened.client.request({ kind: 'trace', question: { ...ask('a'), model }, lens: false });
    expect(!elsewhere.ok && elsewhere.error.code).toBe('model-unavailable');
  });

  it('is asked of nothing before there is a run', async () => {
    const opened = await booted();
    const reply = await opened.client.request({ kind: 'trace', question: ask('a'), lens: false });
    expect(!reply.ok && reply.error.code).toBe('no-run');
  });

  it('has attention whose rows are whole, and see nothing ahead', async () => {
    const opened = await booted();
    await trained(opened, 1);
    const { heads, tokens, maps } = valueOf(
      await opened.client.request({ kind: 'attention', question: ask('the points'), layer: 1 }),
    );
    expect(heads).toBe(config.model.numAttentionHeads);
    for (let row = 0; row < heads * tokens; row++) {
      const seen = maps.subarray(row * tokens, (row + 1) * tokens);
      expect(seen.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
      expect(seen.subarray((row % tokens) + 1).every((share) => share === 0)).toBe(true);
    }
  });

  it('is answered while a run trains, and an outdated question is not', async () => {
    const opened = await playing();
    const controller = new AbortController();
    const outdated = opened.client.request({ kind: 'trace', question: ask('the'), lens: false }, { signal: controller.signal });
    controller.abort();
    const answer = valueOf(await opened.client.request({ kind: 'trace', question: ask('the signal'), lens: true }));
    expect(answer.step).toBeGreaterThan(0);
    expect(phaseOf(opened)?.phase).toBe('training');
    const reply = await outdated;
    expect(reply.ok ? 'answered' : reply.error.code).toBe('cancelled');
    valueOf(await opened.client.request({ kind: 'pause' }));
    await until(() => phaseOf(opened)?.phase === 'paused');
  });
});

describe('text', () => {
  it('comes token by token, is that of the sampler of the run, and repeats with its seed', async () => {
    const opened = await booted();
    await trained(opened, 2);
    const before = memory().numTensors;
    const { answer, made } = await write(opened, writing('the signal'));
    expect(memory().numTensors).toBe(before);
    expect(made.map(({ id }) => id)).toEqual(answer.ids);
    const request = { model: live, prompt: 'the signal', tokens: 6, temperature: 0.8, seed: 3 };
    expect(valueOf(await opened.client.request({ kind: 'sample', request })).text).toBe(answer.text);
    expect((await write(opened, writing('the signal'))).answer).toEqual(answer);
    const same: Intervention = { kind: 'expertsPerToken', count: config.model.numExpertsPerTok, layers: null, tokens: null };
    expect((await write(opened, writing('the signal', { interventions: [same] }))).answer).toEqual(answer);
  });

  it('tells what could have come, and goes on from another token as from its own', async () => {
    const opened = await booted();
    await trained(opened, 2);
    const greedy = { temperature: 0, tokens: 5 };
    const { answer, made } = await write(opened, writing('车场', greedy));
    for (const { id, piece, alternatives, alternativePieces, read } of made) {
      expect(alternatives.ids[0]).toBe(id);
      expect(alternativePieces[0]).toBe(piece);
      expect([...alternatives.logs].every((log, i) => i === 0 || log <= alternatives.logs[i - 1]!)).toBe(true);
      expect(read.chosen).toHaveLength(read.layers * read.tokens * read.expertsPerToken);
    }
    expect(made[0]!.read.first).toBe(0);
    expect(made[1]!.read).toMatchObject({ first: made[0]!.read.tokens, tokens: 1 });
    const goneOn = await write(opened, writing('车场', { ...greedy, tokens: 3, continuation: answer.ids.slice(0, 2) }));
    expect(goneOn.answer.ids).toEqual(answer.ids.slice(2));
    const branch = [answer.ids[0]!, made[1]!.alternatives.ids[1]!];
    const branched = await write(opened, writing('车场', { ...greedy, tokens: 2, continuation: branch }));
    const { baseline } = valueOf(await opened.client.request({ kind: 'trace', question: ask('车场', [], branch), lens: false }));
    expect(branched.answer.ids[0]).toBe(baseline.next.ids[(baseline.tokens - 1) * baseline.next.count]);
  });

  it('is refused with every setting that cannot be', async () => {
    const opened = await booted();
    await trained(opened, 1);
    const request = writing('a', { tokens: 0, temperature: NaN, topK: 1.5, topP: 0, repetitionPenalty: 99, seed: -1 });
    const reply = await opened.client.request({ kind: 'generate', request });
    expect(!reply.ok && reply.error.fields?.map(({ field, rule }) => `${field} ${rule}`)).toEqual([
      'generation.tokens range',
      'generation.temperature type',
      'generation.topK integer',
      'generation.topP range',
      'generation.repetitionPenalty range',
      'generation.seed range',
    ]);
  });

  it('is of one piece while the run trains on, and stops when nobody wants it', async () => {
    const opened = await playing();
    const first = await write(opened, writing('the', { tokens: 12 }));
    expect(first.answer.ids.length).toBeGreaterThan(0);
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const reply = await opened.client.request(
      { kind: 'generate', request: writing('the', { tokens: 400 }) },
      { signal: controller.signal, onProgress },
    );
    expect(reply.ok ? 'written' : reply.error.code).toBe('cancelled');
    valueOf(await opened.client.request({ kind: 'pause' }));
    await until(() => phaseOf(opened)?.phase === 'paused');
  });
});
