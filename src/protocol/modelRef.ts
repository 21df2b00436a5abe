// Which model a question is about. One store of the page holds it; requests and replies carry it.

export type ModelRef =
  | { readonly kind: 'live' }
  | { readonly kind: 'checkpoint'; readonly runId: string; readonly step: number }
  | { readonly kind: 'shipped'; readonly step: number }
  | { readonly kind: 'imported'; readonly id: string };

/** One whose weights are kept as they were: a moment of a run, or of the page's own model. */
export type KeptModel = Extract<ModelRef, { kind: 'checkpoint' | 'shipped' }>;

/** A kept moment of a run. */
export type RunMoment = Extract<ModelRef, { kind: 'checkpoint' }>;
