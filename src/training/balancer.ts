// Keeps the experts evenly busy: the bias of every MoE layer, moved by each step's own load. The load of a step steers the next step only.
import type { BalanceMode } from '../config/trainConfig';
import { biasUpdate } from '../kernels/expertBias/expertBias';
import { add, dispose, keep, reshape, scaled, tidy, zeros, type Tensor } from '../kernels/tensor';

export class Balancer {
  private biases: Tensor[]; // [1, E] for each MoE layer
  private readonly unbiased: Tensor; // [1, E], zeros
  private readonly experts: number;

  /** Starts from zero bias in `layers` MoE layers of E = `experts`. */
  constructor(layers: number, experts: number, biases?: readonly Tensor[]) {
    this.experts = experts;
    this.biases = biases ? [...biases] : Array.from({ length: layers }, () => zeros([1, experts]));
    this.unbiased = zeros([1, experts]);
  }

  /** The bias of each layer, [1, E], kept also while mode 'none' does not use it. */
  get values(): readonly Tensor[] {
    return this.biases;
  }

  /** What chooses in the coming step: the bias, or nothing in mode 'none'. */
  choiceOffsets(mode: BalanceMode): readonly Tensor[] {
    return mode === 'none' ? this.biases.map(() => this.unbiased) : this.biases;
  }

  /**
   * Moves every bias by its layer's load.
   * @param loads [E] for each layer, over the whole batch of the step
   * @param finite scalar 1 or 0: a step that is not finite moves nothing
   * @returns the change of each layer's bias, [E]; the caller owns them
   */
  update(loads: readonly Tensor[], finite: Tensor, mode: BalanceMode, speed: number): Tensor[] {
    if (mode === 'none' || mode === 'frozen') return this.biases.map(() => zeros([this.experts]));
    const attributes = { speed, proportional: mode === 'proportional', recentred: mode === 'recentred' };
    return loads.map((load, layer) => {
      const { change, next } = tidy(() => {
        const change = scaled(biasUpdate(load, attributes), finite);
        return { change, next: add(this.biases[layer]!, reshape(change, [1, this.experts])) };
      });
      dispose(this.biases[layer]!);
      this.biases[layer] = keep(next);
      return change;
    });
  }

  dispose(): void {
    dispose([...this.biases, this.unbiased]);
  }
}
