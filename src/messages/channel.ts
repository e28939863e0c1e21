// One typed channel between a panel and its page: named requests with replies and errors, over any post/receive pair.

/** Request name -> function. Both sides share the type; a wrong name, argument or result does not compile. */
export type Requests = Record<string, (argument: never) => unknown>;

export type Argument<R extends Requests, K extends keyof R> = Parameters<R[K]>[0];
export type Result<R extends Requests, K extends keyof R> = Awaited<ReturnType<R[K]>>;

export type Handlers<R extends Requests> = {
  readonly [K in keyof R]: (argument: Argument<R, K>) => Promise<Result<R, K>> | Result<R, K>;
};

type Message =
  | { readonly kind: 'request'; readonly id: number; readonly name: string; readonly argument: unknown }
  | { readonly kind: 'reply'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly message: string };

export interface Channel<Out extends Requests> {
  request<K extends keyof Out & string>(name: K, argument: Argument<Out, K>): Promise<Result<Out, K>>;
  /** To be called with every message that arrives; anything that is not ours is ignored. */
  receive(message: unknown): void;
  /** Rejects what is pending. */
  close(): void;
}

function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, id } = value as { kind?: unknown; id?: unknown };
  return (kind === 'request' || kind === 'reply' || kind === 'error') && typeof id === 'number';
}

/**
 * @param handlers what the other side may ask for; a thrown error rejects the caller with its message
 * @param validate checks an argument before its handler sees it; throws where it is of the wrong shape
 */
export function openChannel<In extends Requests, Out extends Requests>(
  post: (message: unknown) => void,
  handlers: Handlers<In>,
  validate: (name: string, argument: unknown) => unknown,
): Channel<Out> {
  const pending = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let nextId = 1;
  let closed = false;

  async function answer(message: Extract<Message, { kind: 'request' }>): Promise<void> {
    try {
      if (!Object.hasOwn(handlers, message.name)) throw new Error(`Unknown request "${String(message.name)}".`);
      const argument = validate(message.name, message.argument);
      const result = await handlers[message.name]?.(argument as never);
      post({ kind: 'reply', id: message.id, result });
    } catch (error) {
      post({ kind: 'error', id: message.id, message: error instanceof Error ? error.message : String(error) });
    }
  }

  return {
    request: (name, argument) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new Error('The panel is closed.'));
        const id = nextId++;
        pending.set(id, { resolve, reject });
        post({ kind: 'request', id, name, argument });
      }),
    receive: (message) => {
      if (closed || !isMessage(message)) return;
      if (message.kind === 'request') return void answer(message);
      const waiting = pending.get(message.id);
      pending.delete(message.id);
      if (message.kind === 'reply') waiting?.resolve(message.result as never);
      else waiting?.reject(new Error(message.message));
    },
    close: () => {
      closed = true;
      for (const { reject } of pending.values()) reject(new Error('The panel is closed.'));
      pending.clear();
    },
  };
}
