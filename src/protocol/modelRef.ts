// Which model a question is about. One store of the page holds it; requests and replies carry it.

export type ModelRef =
  | { readonly kind: 'live' }
  | { readonly kind: 'checkpoint'; readonly runId: string; readonly step: number }
  | { readonly kind: 'shipped'; readonly step: number }
  | { readonly kind: 'imported'; readonly id: string };
