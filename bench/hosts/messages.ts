// What the bench and the processes of its contestants say to each other: each request has one reply.
import type { ContestantSpec, Start, Stretch } from '../contestants/contestant';

export type Request = { readonly ask: 'start'; readonly spec: ContestantSpec } | { readonly ask: 'time'; readonly steps: number };

export type Reply =
  | { readonly is: 'start'; readonly start: Start }
  | { readonly is: 'stretch'; readonly stretch: Stretch }
  | { readonly is: 'failed'; readonly detail: string };
