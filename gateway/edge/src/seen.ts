import { enter, inRequest, type Note } from '@assay/telemetry';

/** Routes as traces and figures name them: what stands behind the second slash is a token. */
const ROUTES: Readonly<Record<string, string>> = {
  '/d/': '/d/{grant}',
  '/l/': '/l/{lease}/{name}',
  '/p/': '/p/{signed}',
};

/** What the route of a path is called where others read it. */
export function routeOf(path: string): string | undefined {
  return ROUTES[path.slice(0, 3)];
}

/** What a trace is told of a request; its path is a token, and its address nobody's business. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly requestId: string;
  /** `traceparent`, of whoever asked. */
  readonly parent: string | undefined;
}

/** Answers a request within a trace of its own, or its sender's; the log names it meanwhile. */
export function seen<Result>({ method, path, requestId, parent }: SeenRequest, work: (note: Note) => Result): Result {
  const route = routeOf(path);
  // Health is asked all day.
  if (route === undefined) return inRequest(requestId, () => work(() => undefined));
  const attributes = { 'http.request.method': method, 'http.route': route, 'assay.request_id': requestId };
  const step = { name: `${method} ${route}`, kind: 'server', parent, isOurs: false, attributes } as const;
  return inRequest(requestId, () => enter(step, work));
}
