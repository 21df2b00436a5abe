// The operations of one forward pass in their order, and the way back through them. tfjs' tape finds the same gradients; this list knows
// where each tensor is read for the last time and frees it there, fills no zeros for outputs nobody used, and copies nothing.
import * as tf from '@tensorflow/tfjs-core';

type Tensor = tf.Tensor;

/** One operation as it was run. */
export interface Recorded {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: readonly Tensor[];
  /** Outputs, by index, whose gradient `backward` reads. */
  readonly differentiable: readonly number[];
  backward(dOutputs: readonly Tensor[]): Readonly<Partial<Record<string, Tensor>>>;
}

let current: Recorded[] | null = null;

/** The list that operations run now belong on; null: none is kept. */
export const recording = (): Recorded[] | null => current;

/** A tensor the objective depends on, and the objective's derivative by it, of the same shape. */
export interface Seed {
  readonly of: Tensor;
  readonly gradient: Tensor;
}

function recorded(f: () => readonly Seed[]): { entries: Recorded[]; seeds: readonly Seed[] } {
  const entries: Recorded[] = [];
  const outer = current;
  current = entries;
  try {
    return { entries, seeds: f() };
  } finally {
    current = outer;
  }
}

/** Gradients met so far, by the id of what they are of. Owns them. */
class Gradients {
  private readonly byId = new Map<number, Tensor[]>();

  add(of: Tensor, gradient: Tensor): void {
    const before = this.byId.get(of.id);
    if (before) before.push(gradient);
    else this.byId.set(of.id, [gradient]);
  }

  /** Hands over the gradient of `of`, whose parts are added in the order they came. */
  take(of: Tensor): Tensor | undefined {
    const parts = this.byId.get(of.id);
    if (!parts) return undefined;
    this.byId.delete(of.id);
    if (parts.length === 1) return parts[0];
    // One dispatch however many there are; tfjs' other backends have no fast addition of more than two.
    const sum = tf.getBackend() === 'webgpu' ? tf.addN(parts) : tf.tidy(() => parts.reduce((total, part) => tf.add(total, part)));
    tf.dispose(parts);
    return sum;
  }
}

/** What has just ended where a computation of gradients can be interrupted: the forward pass, or one operation on the way back. */
export type Ended = 'forward' | 'operation';

/**
 * Gradients of an objective by `parameters`.
 * @param f runs operations and says what the objective depends on. What it wants to keep of them it must `keep`: the rest is freed on the way
 * @param between called when the forward pass has ended
 * @returns one gradient a parameter, in their order and shapes (zeros where nothing leads there); the caller owns them
 */
export function differentiate(f: () => readonly Seed[], parameters: readonly Tensor[], between?: () => void): Tensor[] {
  return tf.tidy(() => {
    const way = bothPasses(f, parameters);
    let next = way.next();
    for (; !next.done; next = way.next()) if (next.value === 'forward') between?.();
    return next.value;
  });
}

/**
 * The same with pauses, in which others may run operations: those are on no list, and what they make is theirs to free.
 * @param pause what to wait for now; null: nothing. It runs no operation before its first wait
 */
export async function differentiatePausing(
  f: () => readonly Seed[],
  parameters: readonly Tensor[],
  pause: (ended: Ended) => Promise<void> | null,
): Promise<Tensor[]> {
  const engine = tf.engine();
  const { state } = engine;
  let gradients: Tensor[] = [];
  engine.startScope();
  try {
    const way = bothPasses(f, parameters);
    let next = way.next();
    for (; !next.done; next = way.next()) {
      const waiting = pause(next.value);
      if (!waiting) continue;
      // Meanwhile the scope is not open. It is again before any other task can run: so nothing here may be moved to a function that is awaited.
      const scope = state.scopeStack.pop()!;
      state.activeScope = state.scopeStack.at(-1)!;
      try {
        await waiting;
      } finally {
        state.scopeStack.push(scope);
        state.activeScope = scope;
      }
    }
    gradients = next.value;
    return gradients;
  } finally {
    engine.endScope(gradients);
  }
}

function* bothPasses(f: () => readonly Seed[], parameters: readonly Tensor[]): Generator<Ended, Tensor[]> {
  const pass = recorded(f);
  yield 'forward';
  return yield* wayBack(pass, parameters);
}

function* wayBack(
  { entries, seeds }: ReturnType<typeof recorded>,
  parameters: readonly Tensor[],
): Generator<'operation', Tensor[]> {
  const wanted = new Set(parameters.map(({ id }) => id));
  for (const { outputs } of entries) for (const { id } of outputs) wanted.add(id);
  const gradients = new Gradients();
  for (const { of, gradient } of seeds) gradients.add(of, gradient);
  for (let entry = entries.pop(); entry; entry = entries.pop()) {
    back(entry, gradients, wanted);
    for (const output of entry.outputs) if (!output.kept) output.dispose();
    yield 'operation';
  }
  return parameters.map((parameter) => gradients.take(parameter) ?? tf.zeros(parameter.shape));
}

/** One operation's gradients, from its outputs to its inputs. */
function back({ inputs, outputs, differentiable, backward }: Recorded, gradients: Gradients, wanted: ReadonlySet<number>): void {
  const reached = outputs.map((output) => gradients.take(output));
  if (differentiable.some((index) => reached[index])) {
    const given = tf.tidy(() => {
      const dOutputs: Tensor[] = [];
      for (const index of differentiable) dOutputs[index] = reached[index] ?? tf.zeros(outputs[index]!.shape);
      return backward(dOutputs) as Record<string, Tensor>;
    });
    for (const [name, gradient] of Object.entries(given)) {
      const input = inputs[name]!;
      if (!gradient) continue;
      if (wanted.has(input.id)) gradients.add(input, gradient);
      else gradient.dispose();
    }
  }
  for (const gradient of reached) gradient?.dispose();
}
