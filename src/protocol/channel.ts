// The one typed way through the door. Nothing else in the project posts a message: both ends are made here, from any port
// (a Worker, a worker's own scope, a MessagePort of browser or Node), so the two unions of envelope.ts cannot be bypassed.
import { assert } from '../core/assert';
import { err, ok, type Result } from '../core/result';
import type { Command, CommandKind, Progress, Replies } from './commands';
import type { ToEngine, ToPage } from './envelope';
import type { EngineError } from './errors';
import type { Topic, Topics } from './events';

/** What both ends need of a message port. A MessagePort must be started by whoever made it. */
export interface Port {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
}

export type CommandOf<K extends CommandKind> = Extract<Command, { kind: K }>;
export type Reply<K extends CommandKind> = Result<Replies[K], EngineError>;

export interface RequestOptions {
  readonly onProgress?: (progress: Progress) => void;
  /** Aborting asks the engine to stop; the request then ends with code 'cancelled' (or with its reply, if that came first). */
  readonly signal?: AbortSignal;
}

/** The page's end. */
export interface Client {
  request<K extends CommandKind>(command: CommandOf<K>, options?: RequestOptions): Promise<Reply<K>>;
  /** Listens to a topic until the returned function is called. The next message comes only after this one was drawn. */
  subscribe<T extends Topic>(topic: T, listener: (payload: Topics[T]) => void): () => void;
  /** Ends every open request, and every later one, with `error`: the engine is gone. */
  close(error: EngineError): void;
}

type EventMessage = Extract<ToPage, { type: 'event' }>;

export interface ClientOptions {
  /** Runs `show`, which tells the listeners, and calls `drawn` once the page wants the topic's next message; by default at once. */
  readonly draw?: (event: EventMessage, show: () => void, drawn: () => void) => void;
}

const drawAtOnce: NonNullable<ClientOptions['draw']> = (_, show, drawn) => {
  try {
    show();
  } finally {
    drawn();
  }
};

interface OpenRequest {
  readonly settle: (reply: Result<Replies[CommandKind], EngineError>) => void;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

type Listener = (payload: Topics[Topic]) => void;

/** The page's end of the channel over `port`. */
export function createClient(port: Port, { draw = drawAtOnce }: ClientOptions = {}): Client {
  const open = new Map<number, OpenRequest>();
  const listeners = new Map<Topic, Set<Listener>>();
  let nextId = 1;
  let closedBy: EngineError | null = null;
  const post = (message: ToEngine): void => port.postMessage(message, []);

  const settle = (id: number, reply: Result<Replies[CommandKind], EngineError>): void => {
    const request = open.get(id);
    open.delete(id);
    request?.settle(reply);
  };

  port.addEventListener('message', (event) => {
    const message = event.data as ToPage;
    if (closedBy) return;
    switch (message.type) {
      case 'reply':
        return settle(message.id, ok(message.value));
      case 'failure':
        return settle(message.id, err(message.error));
      case 'progress':
        return open.get(message.id)?.onProgress?.(message.progress);
      case 'event': {
        const { topic, payload } = message;
        const show = (): void => {
          for (const listener of listeners.get(topic) ?? []) listener(payload);
        };
        return draw(message, show, () => {
          if (!closedBy) post({ type: 'ready', topic });
        });
      }
    }
  });

  function request<K extends CommandKind>(command: CommandOf<K>, options: RequestOptions = {}): Promise<Reply<K>> {
    if (closedBy) return Promise.resolve(err(closedBy));
    if (options.signal?.aborted) return Promise.resolve(err({ code: 'cancelled' }));
    const id = nextId++;
    return new Promise((resolve) => {
      const cancel = (): void => post({ type: 'cancel', id });
      options.signal?.addEventListener('abort', cancel, { once: true });
      open.set(id, {
        onProgress: options.onProgress,
        settle: (reply) => {
          options.signal?.removeEventListener('abort', cancel);
          // The engine's end pairs each reply with the kind of its request.
          resolve(reply as Reply<K>);
        },
      });
      post({ type: 'request', id, command });
    });
  }

  return {
    request,
    subscribe(topic, listener) {
      const known = listeners.get(topic);
      const those = known ?? new Set<Listener>();
      const entry = listener as Listener;
      listeners.set(topic, those);
      those.add(entry);
      if (!known) void request({ kind: 'subscribe', topic });
      return () => {
        those.delete(entry);
        if (those.size > 0 || listeners.get(topic) !== those) return;
        listeners.delete(topic);
        void request({ kind: 'unsubscribe', topic });
      };
    },
    close(error) {
      closedBy ??= error;
      for (const id of [...open.keys()]) settle(id, err(error));
      listeners.clear();
    },
  };
}

/** What a handler is given beside its command. */
export interface RequestContext {
  progress(progress: Progress): void;
  /** Aborted when the page cancels: the handler should stop soon and end with code 'cancelled'. */
  readonly signal: AbortSignal;
}

export type HandledKind = Exclude<CommandKind, 'subscribe' | 'unsubscribe'>;
/** One handler a command; subscriptions are the channel's own business. What a handler throws is reported as 'internal'. */
export type Handlers = {
  readonly [K in HandledKind]: (command: CommandOf<K>, context: RequestContext) => Reply<K> | Promise<Reply<K>>;
};

/** The engine's end. */
export interface EngineEnd {
  /**
   * Offers a message on `topic`. One message a topic is in flight; until the page is ready for another, the offers pile up in
   * one: `merge` gets what is waiting (null when nothing is) and returns what shall wait now. What is published is given away:
   * its typed arrays are transferred, so each must own its whole buffer and not be used again.
   */
  publish<T extends Topic>(topic: T, merge: (waiting: Topics[T] | null) => Topics[T]): void;
}

interface TopicState {
  subscribed: boolean;
  inFlight: boolean;
  waiting: Topics[Topic] | null;
}

/** The engine's end of the channel over `port`. Handlers run at once, also while others still run: the session orders them. */
export function createEngineEnd(port: Port, handlers: Handlers): EngineEnd {
  const topics = new Map<Topic, TopicState>();
  const running = new Map<number, AbortController>();
  const post = (message: ToPage): void => port.postMessage(message, transferables(message));

  const stateOf = (topic: Topic): TopicState => {
    const state = topics.get(topic) ?? { subscribed: false, inFlight: false, waiting: null };
    topics.set(topic, state);
    return state;
  };
  const flush = (topic: Topic, state: TopicState): void => {
    if (!state.subscribed || state.inFlight || state.waiting === null) return;
    const payload = state.waiting;
    state.waiting = null;
    state.inFlight = true;
    // The pair (topic, payload) is typed where it enters, in publish.
    post({ type: 'event', topic, payload } as ToPage);
  };

  async function answer(id: number, command: Command): Promise<void> {
    if (command.kind === 'subscribe' || command.kind === 'unsubscribe') {
      const state = stateOf(command.topic);
      state.subscribed = command.kind === 'subscribe';
      post({ type: 'reply', id, value: null });
      return flush(command.topic, state);
    }
    const controller = new AbortController();
    running.set(id, controller);
    const context: RequestContext = {
      progress: (progress) => post({ type: 'progress', id, progress }),
      signal: controller.signal,
    };
    try {
      const handle = handlers[command.kind] as (command: Command, context: RequestContext) => Promise<Reply<CommandKind>>;
      const reply = await handle(command, context);
      post(reply.ok ? { type: 'reply', id, value: reply.value } : { type: 'failure', id, error: reply.error });
    } catch (thrown) {
      const detail = thrown instanceof Error ? thrown.message : String(thrown);
      post({ type: 'failure', id, error: controller.signal.aborted ? { code: 'cancelled' } : { code: 'internal', detail } });
    } finally {
      running.delete(id);
    }
  }

  port.addEventListener('message', (event) => {
    const message = event.data as ToEngine;
    switch (message.type) {
      case 'request':
        void answer(message.id, message.command);
        return;
      case 'cancel':
        return running.get(message.id)?.abort();
      case 'ready': {
        const state = stateOf(message.topic);
        state.inFlight = false;
        return flush(message.topic, state);
      }
    }
  });

  return {
    publish(topic, merge) {
      const state = stateOf(topic);
      state.waiting = merge(state.waiting as Topics[typeof topic] | null);
      flush(topic, state);
    },
  };
}

/** The buffers of every typed array inside `value`, each once. */
function transferables(value: unknown, found: Set<ArrayBuffer> = new Set()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    const { buffer } = value;
    assert(
      value.byteLength === buffer.byteLength,
      () => `a published array of ${value.byteLength} bytes shares a buffer of ${buffer.byteLength}`,
    );
    if (buffer instanceof ArrayBuffer) found.add(buffer);
  } else if (Array.isArray(value)) {
    if (typeof value[0] === 'object') for (const item of value) transferables(item, found);
  } else if (value !== null && typeof value === 'object') {
    for (const item of Object.values(value)) transferables(item, found);
  }
  return [...found];
}
