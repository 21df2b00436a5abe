// AdamW over all tensors of a model, with the state it keeps on the device.
import type { TrainConfig } from '../config/trainConfig';
import { adamW, packingOf, type Packing } from '../kernels/adamW/adamW';
import { dispose, floatTensor, keep, read, tidy, zeros, type Tensor } from '../kernels/tensor';

export type OptimizerSettings = Pick<TrainConfig, 'beta1' | 'beta2' | 'adamEpsilon' | 'weightDecay' | 'gradientClip'>;

/** One a parameter, in their order, each as long as its parameter. */
export interface Moments {
  readonly first: readonly Float32Array[];
  readonly second: readonly Float32Array[];
}

/** Owns the parameters and both moments. A path may update them in place or hand back new tensors: read `values` anew after a step. */
export class Optimizer {
  private parameters: Tensor[];
  /** Of all parameters, [P], in the order of `packing`. */
  private firstMoment: Tensor;
  private secondMoment: Tensor;
  private readonly packing: Packing;

  /** Takes over `parameters`; without moments they start at zero. */
  constructor(parameters: readonly Tensor[], moments?: Moments) {
    this.parameters = [...parameters];
    this.packing = packingOf(parameters);
    const { size } = this.packing;
    this.firstMoment = moments ? floatTensor(this.pack(moments.first), [size]) : zeros([size]);
    this.secondMoment = moments ? floatTensor(this.pack(moments.second), [size]) : zeros([size]);
  }

  get values(): readonly Tensor[] {
    return this.parameters;
  }

  /** Copies both moments out, as they are now. */
  async moments(): Promise<Moments> {
    const [first, second] = await Promise.all([read(this.firstMoment), read(this.secondMoment)]);
    return { first: this.unpack(first), second: this.unpack(second) };
  }

  /**
   * One update; number `step` (the first is 1) sets the bias correction. Where gradient or witness are not finite nothing changes.
   * @param gradients one a parameter, in their order and shapes; the caller owns them
   * @param witness numbers that must be finite too, any shape: a loss can overflow while its gradient does not
   * @returns control [3] on the device: ‖g‖ before clipping, the clip's scale, and whether all of it was finite; the caller owns it
   */
  step(gradients: readonly Tensor[], witness: Tensor, step: number, learningRate: number, settings: OptimizerSettings): Tensor {
    const { parameters: values, firstMoment, secondMoment } = this;
    const updated = tidy(() =>
      adamW(
        { values, gradients, firstMoment, secondMoment, witness },
        {
          learningRate,
          beta1: settings.beta1,
          beta2: settings.beta2,
          epsilon: settings.adamEpsilon,
          weightDecay: settings.weightDecay,
          clip: settings.gradientClip,
          correction1: 1 - settings.beta1 ** step,
          correction2: 1 - settings.beta2 ** step,
        },
      ),
    );
    this.parameters = updated.values.map((next, index) => replaced(values[index]!, next));
    this.firstMoment = replaced(firstMoment, updated.firstMoment);
    this.secondMoment = replaced(secondMoment, updated.secondMoment);
    return updated.control;
  }

  dispose(): void {
    dispose([...this.parameters, this.firstMoment, this.secondMoment]);
  }

  private pack(parts: readonly Float32Array[]): Float32Array {
    const all = new Float32Array(this.packing.size);
    for (const [index, part] of parts.entries()) all.set(part, this.packing.offsets[index]!);
    return all;
  }

  private unpack(all: Float32Array): Float32Array[] {
    return this.parameters.map(({ size }, index) => all.slice(this.packing.offsets[index]!, this.packing.offsets[index]! + size));
  }
}

/** @returns `next`, to stay; `old` is freed unless it is the same */
function replaced(old: Tensor, next: Tensor): Tensor {
  if (next === old) return old;
  dispose(old);
  return keep(next);
}
