// Keeps the experts evenly busy: the bias of every MoE layer, moved by each step's own load. The load of a step steers the next step only.
import type { BalanceMode } from '../config/trainConfig';
import { biasUpdate } from '../kernels/expertBias/expertBias';
import { dispose, keep, zeros, type Tensor } from '../kernels/tensor';

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
   * @param totals [2, E] for each layer, over the whole batch of the step: row 0 is the load
   * @param control [3] of the optimizer: a step that is not finite moves nothing
   * @returns the change of each layer's bias, [E]; the caller owns them
   */
  update(totals: readonly Tensor[], control: Tensor, mode: BalanceMode, speed: number): Tensor[] {
    if (mode === 'none' || mode === 'frozen' || totals.length === 0) return this.biases.map(() => zeros([this.experts]));
    const layers = totals.map((total, layer) => ({ totals: total, bias: this.biases[layer]! }));
    const attributes = { speed, proportional: mode === 'proportional', recentred: mode === 'recentred' };
    const { changes, biases } = biasUpdate(layers, control, attributes);
    dispose(this.biases);
    this.biases = biases.map(keep);
    return changes;
  }

  dispose(): void {
    dispose([...this.biases, this.unbiased]);
  }
}
