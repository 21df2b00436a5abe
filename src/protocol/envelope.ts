// The envelopes on the wire: every message in either direction is one of these.
import type { Command, CommandKind, Progress, Replies } from './commands';
import type { EngineError } from './errors';
import type { Topic, Topics } from './events';

export type ToEngine =
  | { readonly type: 'request'; readonly id: number; readonly command: Command }
  | { readonly type: 'cancel'; readonly id: number }
  /** The page has drawn the topic's last message and can take another. */
  | { readonly type: 'ready'; readonly topic: Topic };

export type ToPage =
  | { readonly type: 'reply'; readonly id: number; readonly value: Replies[CommandKind] }
  | { readonly type: 'failure'; readonly id: number; readonly error: EngineError }
  | { readonly type: 'progress'; readonly id: number; readonly progress: Progress }
  | { [T in Topic]: { readonly type: 'event'; readonly topic: T; readonly payload: Topics[T] } }[Topic];
