import type { Dispatcher } from 'undici';

export interface JsonPost {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
  /** Ends the request, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface JsonAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/**
 * Posts JSON and gathers the JSON that comes back, straight from undici's dispatcher: its `request` makes a stream of each answer,
 * and a listener for each signal, which together cost a third of what a small fetch does.
 *
 * @returns the body and its status, whatever it is
 * @throws Error when no answer comes, or one that does not say it is JSON; the signal's reason
 */
export function postJson(dispatcher: Dispatcher, { path, headers, body, signal }: JsonPost): Promise<JsonAnswer> {
  if (signal?.aborted) return Promise.reject(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<JsonAnswer>();
  const chunks: Buffer[] = [];
  let controller: Dispatcher.DispatchController | undefined;
  let status = 0;
  let type: string | string[] | undefined;
  const end = () => {
    controller?.abort(signal?.reason);
    reject(signal?.reason);
  };
  signal?.addEventListener('abort', end, { once: true });
  dispatcher.dispatch(
    { path, method: 'POST', headers, body },
    {
      onRequestStart: (started) => {
        controller = started;
        if (signal?.aborted) started.abort(signal.reason);
      },
      onResponseStart: (_controller, statusCode, answered) => {
        status = statusCode;
        type = answered['content-type'];
      },
      onResponseData: (_controller, chunk) => void chunks.push(chunk),
      onResponseEnd: () => {
        signal?.removeEventListener('abort', end);
        try {
          verifyJson(status, type);
          resolve({ status, body: bodyOf(chunks) });
        } catch (error) {
          reject(error);
        }
      },
      onResponseError: (_controller, error) => {
        signal?.removeEventListener('abort', end);
        reject(error);
      },
    },
  );
  return promise;
}

/**
 * A page with status 200 is no answer; a GraphQL answer with status 400 is one. Types are written in any case, parameters behind
 * them with spaces or without (RFC 9110, section 8.3.1).
 *
 * @throws Error when it does not say that it is JSON
 */
export function verifyJson(status: number, contentType: string | string[] | undefined): void {
  const [type] = String(contentType ?? '')
    .toLowerCase()
    .split(/[\t ]*;/, 1);
  if (type !== 'application/json' && type !== 'application/graphql-response+json')
    throw new Error(`It answered with status ${status} and ${type ? `the type ${type}` : 'no type'}, not with JSON.`);
}

function bodyOf(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  return first && chunks.length === 1 ? first : Buffer.concat(chunks);
}
