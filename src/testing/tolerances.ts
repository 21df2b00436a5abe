// How far from a reference in float64 a computation in float32 may be.

export const TOLERANCES = {
  /** Hidden states, logits, loss: largest error over the largest value. */
  values: 1e-4,
  gradients: 1e-3,
  /** Of a training step, relative. */
  loss: 1e-3,
  norm: 1e-2,
  /** Share of assignments that may go elsewhere where a token was close to choosing another expert. */
  movedLoad: 0.02,
  maxVio: 5e-7,
  /** Share of the weights that may be far off after twelve steps. */
  farWeights: 1e-3,
  /** Share of the biases that have to be the reference's after twelve steps. */
  biases: 0.85,
};
