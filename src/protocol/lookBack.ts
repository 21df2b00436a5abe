// How a run came to be what it is: where its kept moments send the same held-out tokens, and how far their numbers lie apart.
import type { DriftPart } from '../analysis/drift';
import type { TextRoutes } from '../analysis/routeComparison';
import type { Answered } from './lab';
import type { KeptModel } from './modelRef';

export interface MomentRoutesRequest {
  readonly model: KeptModel;
  /** Held-out tokens at most, shared evenly among domains and languages; the same for every moment of a run. */
  readonly tokens: number;
}

export interface MomentRoutes extends Answered {
  readonly routes: TextRoutes;
  /** Mean cross entropy of the tokens that follow, nats. */
  readonly nats: number;
}

export interface DriftRequest {
  readonly model: KeptModel;
  /** What it is compared with: of one shape with it. */
  readonly reference: KeptModel;
}

export interface DriftAnswer {
  /** Every group of every layer, the balance biases included. */
  readonly parts: readonly DriftPart[];
}
