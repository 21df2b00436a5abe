// Where the engine stands: which backend runs, why, and what went wrong on the way.
import { create } from 'zustand';
import type { Connection } from '../client/engineClient';
import { err } from '../core/result';
import type { CommandOf, Reply, RequestOptions } from '../protocol/channel';
import type { BackendChoice, CommandKind, EngineInfo, Progress } from '../protocol/commands';
import type { EngineError } from '../protocol/errors';

export type Engine =
  | { readonly phase: 'off' }
  | { readonly phase: 'booting'; readonly progress: Progress | null }
  | { readonly phase: 'ready'; readonly info: EngineInfo }
  | { readonly phase: 'failed'; readonly error: EngineError };

export interface EngineState {
  readonly choice: BackendChoice;
  readonly engine: Engine;
  /** What a ready engine does for the run to come; null: nothing. */
  readonly warming: Progress | null;
}

export const useEngine = create<EngineState>(() => ({ choice: 'auto', engine: { phase: 'off' }, warming: null }));

/** The worker behind the store; replaced whole on every restart. */
let connection: Connection | null = null;

export function setConnection(next: Connection | null): void {
  connection = next;
}

export function currentConnection(): Connection | null {
  return connection;
}

/** Asks the engine; ends with code 'internal' where none is running. */
export function request<K extends CommandKind>(command: CommandOf<K>, options?: RequestOptions): Promise<Reply<K>> {
  return connection
    ? connection.client.request(command, options)
    : Promise.resolve(err({ code: 'internal', detail: 'no engine is running' }));
}
