// AdamW over all tensors of a model, with the state it keeps on the device.
import type { TrainConfig } from '../config/trainConfig';
import { adamWOperation, clipControlOperation, sumOfSquaresOperation } from '../kernels/adamW/adamW';
import { dispose, keep, packed, scaled, sumOf, tidy, zeros, type Tensor } from '../kernels/tensor';

export type OptimizerSettings = Pick<TrainConfig, 'beta1' | 'beta2' | 'adamEpsilon' | 'weightDecay' | 'gradientClip'>;

interface Slot {
  value: Tensor;
  firstMoment: Tensor;
  secondMoment: Tensor;
}

/** One tensor a parameter, in their order and shapes. */
export interface Moments {
  readonly first: readonly Tensor[];
  readonly second: readonly Tensor[];
}

/** Owns the parameters and both moments. A path may update them in place or hand back new tensors: read `values` anew after a step. */
export class Optimizer {
  private readonly slots: Slot[];

  /** Takes over `parameters` and `moments`; without moments they start at zero. */
  constructor(parameters: readonly Tensor[], moments?: Moments) {
    this.slots = parameters.map((value, index) => ({
      value,
      firstMoment: moments?.first[index] ?? zeros(value.shape),
      secondMoment: moments?.second[index] ?? zeros(value.shape),
    }));
  }

  get values(): Tensor[] {
    return this.slots.map((slot) => slot.value);
  }

  /** As `values`: read them anew after a step. */
  get moments(): Moments {
    return { first: this.slots.map((slot) => slot.firstMoment), second: this.slots.map((slot) => slot.secondMoment) };
  }

  /**
   * One update; number `step` (the first is 1) sets the bias correction. Where gradient or witness are not finite nothing changes.
   * @param gradients one a parameter, in their order and shapes; the caller owns them
   * @param witness numbers that must be finite too, any shape: a loss can overflow while its gradient does not
   * @returns control [3] on the device: ‖g‖ before clipping, the clip's scale, and whether all of it was finite; the caller owns it
   */
  step(gradients: readonly Tensor[], witness: Tensor, step: number, learningRate: number, settings: OptimizerSettings): Tensor {
    const control = tidy(() => {
      // Times zero, a finite number adds nothing to the norm, and ∞ or NaN make it NaN.
      const doubt = sumOf(scaled(witness, 0));
      const sums = packed([...gradients.map((x) => sumOfSquaresOperation({ x }, {})[0]!), doubt]);
      return clipControlOperation({ sums }, { clip: settings.gradientClip })[0]!;
    });
    for (const [index, slot] of this.slots.entries()) {
      const [value, firstMoment, secondMoment] = adamWOperation(
        { ...slot, gradient: gradients[index]!, control },
        {
          learningRate,
          beta1: settings.beta1,
          beta2: settings.beta2,
          epsilon: settings.adamEpsilon,
          weightDecay: slot.value.rank >= 2 ? settings.weightDecay : 0,
          correction1: 1 - settings.beta1 ** step,
          correction2: 1 - settings.beta2 ** step,
        },
      );
      replace(slot, 'value', value!);
      replace(slot, 'firstMoment', firstMoment!);
      replace(slot, 'secondMoment', secondMoment!);
    }
    return control;
  }

  dispose(): void {
    for (const slot of this.slots) dispose([slot.value, slot.firstMoment, slot.secondMoment]);
  }
}

function replace(slot: Slot, key: keyof Slot, next: Tensor): void {
  if (next === slot[key]) return;
  dispose(slot[key]);
  slot[key] = keep(next);
}
