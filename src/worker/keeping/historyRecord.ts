// What a run has told, kept so that its curves and heatmaps are there again after a reload. Every step is written as text once, when it is
// told, so that saving only joins what is there.
import { meanBiasChangedShare, meanMaxVio } from '../../analysis/load';
import { RingBuffer } from '../../core/ringBuffer';
import type { Baselines, SampleResult, StepRouting, StepScalars, ValidationResult } from '../../protocol/events';
import type { RunHistory, StepBalance } from '../../protocol/kept';

/** Steps whose routing is kept: as many as the page shows. */
const ROUTING_STEPS = 512;
/** Samples kept: as many as the page shows. */
const SAMPLES = 40;
const VERSION = 1;
const FLOATS = ['load', 'bias', 'biasUpdate', 'gateMass', 'biasChangedShare'] as const satisfies readonly (keyof StepRouting)[];

export const NO_HISTORY: RunHistory = {
  scalars: [],
  balance: [],
  routing: [],
  validation: [],
  samples: [],
  baselines: null,
};

interface Row {
  readonly scalars: StepScalars;
  readonly balance: StepBalance;
}
type RoutingHead = Pick<StepRouting, 'step' | 'layers' | 'experts' | 'biasUpdateSpeed'>;
type Head = Omit<RunHistory, 'scalars' | 'balance' | 'routing'> & {
  readonly version: number;
  readonly rows: readonly Row[];
  readonly routing: readonly RoutingHead[];
};

export class HistoryRecord {
  /** One JSON text a step. */
  private readonly rows: string[] = [];
  private readonly routing = new RingBuffer<{ readonly head: RoutingHead; readonly values: Float32Array }>(ROUTING_STEPS);
  private readonly validation: ValidationResult[] = [];
  private readonly samples = new RingBuffer<SampleResult>(SAMPLES);
  baselines: Baselines | null;
  /** Training loss of the newest step, nats a token; null before the first. */
  newestLoss: number | null = null;

  constructor(before: RunHistory = NO_HISTORY) {
    for (const [index, scalars] of before.scalars.entries()) this.pushRow(scalars, before.balance[index]!);
    for (const step of before.routing) this.pushRouting(step);
    this.validation.push(...before.validation.map(withOwnLoad));
    for (const sample of before.samples) this.samples.push(sample);
    this.baselines = before.baselines;
  }

  /** Ask before the routing is given away. @param routing null for a dense model */
  addStep(scalars: StepScalars, routing: StepRouting | null): void {
    this.pushRow(scalars, {
      maxVio: routing ? meanMaxVio(routing.load, routing.layers, routing.experts) : NaN,
      biasChangedShare: routing ? meanBiasChangedShare(routing.biasChangedShare) : NaN,
    });
    if (routing) this.pushRouting(routing);
  }

  /** Ask before the result is given away. */
  addValidation(result: ValidationResult): void {
    this.validation.push(withOwnLoad(result));
  }

  addSample(sample: SampleResult): void {
    this.samples.push(sample);
  }

  /** Length of a JSON head (uint32, little-endian), the head, the routing's float32 values. */
  bytes(): Uint8Array<ArrayBuffer> {
    const kept = this.routing.toArray();
    const validation = this.validation.map((result) => ({ ...result, load: [...result.load] }));
    const rest = {
      routing: kept.map(({ head }) => head),
      validation,
      samples: this.samples.toArray(),
      baselines: this.baselines,
    };
    const head = new TextEncoder().encode(
      `{"version":${VERSION},"rows":[${this.rows.join(',')}],${JSON.stringify(rest).slice(1)}`,
    );
    const bytes = new Uint8Array(4 + head.length + kept.reduce((sum, { values }) => sum + values.byteLength, 0));
    new DataView(bytes.buffer).setUint32(0, head.length, true);
    bytes.set(head, 4);
    let at = 4 + head.length;
    for (const { values } of kept) {
      bytes.set(new Uint8Array(values.buffer), at);
      at += values.byteLength;
    }
    return bytes;
  }

  private pushRow(scalars: StepScalars, balance: StepBalance): void {
    this.newestLoss = scalars.loss;
    this.rows.push(JSON.stringify({ scalars, balance } satisfies Row));
  }

  private pushRouting(routing: StepRouting): void {
    const { step, layers, experts, biasUpdateSpeed } = routing;
    const values = new Float32Array(FLOATS.reduce((sum, key) => sum + routing[key].length, 0));
    let at = 0;
    for (const key of FLOATS) {
      values.set(routing[key], at);
      at += routing[key].length;
    }
    this.routing.push({ head: { step, layers, experts, biasUpdateSpeed }, values });
  }
}

const withOwnLoad = (result: ValidationResult): ValidationResult => ({ ...result, load: result.load.slice() });

/**
 * What `HistoryRecord.bytes` wrote, up to step `until`: what lies beyond was told by steps that were never saved. Bytes that are no such
 * record give an empty history, because a run without its curves is still a run.
 */
export function readHistory(bytes: Uint8Array, until: number): RunHistory {
  try {
    const headLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + headLength))) as Head;
    if (head.version !== VERSION) return NO_HISTORY;
    // A copy, because floats have to lie on a boundary of four bytes.
    const floats = new Float32Array(new Uint8Array(bytes.subarray(4 + headLength)).buffer);
    let at = 0;
    const take = (length: number): Float32Array => floats.slice(at, (at += length));
    const routing = head.routing.map((routingHead): StepRouting => {
      const { layers, experts } = routingHead;
      const cells = layers * experts;
      return {
        ...routingHead,
        load: take(cells),
        bias: take(cells),
        biasUpdate: take(cells),
        gateMass: take(cells),
        biasChangedShare: take(layers),
      };
    });
    const whole: RunHistory = {
      scalars: head.rows.map(({ scalars }) => scalars),
      // JSON writes NaN as null.
      balance: head.rows.map(({ balance }) => ({
        maxVio: balance.maxVio ?? NaN,
        biasChangedShare: balance.biasChangedShare ?? NaN,
      })),
      routing,
      validation: head.validation.map((result) => ({ ...result, load: Float32Array.from(result.load) })),
      samples: head.samples,
      baselines: head.baselines,
    };
    return historyUntil(whole, until);
  } catch {
    return NO_HISTORY;
  }
}

/** What was told up to step `until`. */
export function historyUntil(history: RunHistory, until: number): RunHistory {
  const isPast = ({ step }: { readonly step: number }): boolean => step <= until;
  const { scalars, balance, routing, validation, samples } = history;
  return {
    ...history,
    scalars: scalars.filter(isPast),
    balance: balance.filter((_, index) => isPast(scalars[index]!)),
    routing: routing.filter(isPast),
    validation: validation.filter(isPast),
    samples: samples.filter(isPast),
  };
}
