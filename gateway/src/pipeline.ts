import type { IncomingMessage, ServerResponse } from 'node:http';
import { enter, inRequest } from '@assay/telemetry';
import { hasOneHost, isHostAllowed } from './access/host.ts';
import type { RequestFacts } from './access/port.ts';
import type { Cors } from './doors/cors.ts';
import { factsOf } from './doors/facts.ts';
import type { Meters } from './meters.ts';

/** What answers at a path; the first that matches does. */
export interface Route {
  /** What figures are kept under, and a step of a trace. */
  readonly name?: string;
  /** Begins no trace: health is asked all day, pages are files, and what a stream is asked has a trace of its own. */
  readonly isQuiet?: boolean;
  matches(path: string, request: IncomingMessage): boolean;
  answer(facts: RequestFacts, request: IncomingMessage, response: ServerResponse): Promise<void> | void;
}

export interface PipelineOptions {
  /** Names with ports that this gateway answers to. */
  readonly hosts: ReadonlySet<string>;
  readonly routes: readonly Route[];
  /** Left out: pages of no other origin read anything. */
  readonly cors?: Cors;
  /** Whether browsers reach us by https, and are told to do nothing else. */
  readonly isHttps?: boolean;
  readonly meters?: Pick<Meters, 'requests'>;
  report(error: unknown, facts: RequestFacts): void;
}

/** What no door is named for. */
const OTHER = 'other';
const NOTHING_RUNS = "default-src 'none'; frame-ancestors 'none'";

/** A request's way, one line a concern, in order. */
export function createPipeline({ hosts, routes, cors, isHttps = false, meters, report }: PipelineOptions) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const facts = factsOf(request);
    setHeaders(response, facts, isHttps);
    const counting = count(meters, facts, response);
    if (!hasOneHost(request.rawHeaders)) return end(response, 400, 'A request names one host.');
    if (!isHostAllowed(facts.headers['host'], hosts)) return end(response, 421, 'This is not a name of ours.');
    const path = pathOf(request.url ?? '/');
    if (path === null) return end(response, 400, 'This is not an address.');
    // Pages bring a policy of their own, and their workers live by none; everything else runs nothing, wherever it is shown.
    if (!path.startsWith('/static/')) response.setHeader('content-security-policy', NOTHING_RUNS);
    if (cors?.(facts, path, response)) return;
    const route = routes.find((each) => each.matches(path, request));
    if (!route) return end(response, 404, 'Not found');
    counting.route = route.name ?? OTHER;
    const answer = async () => {
      try {
        await route.answer(facts, request, response);
      } catch (error) {
        report(error, facts);
        if (response.headersSent) response.destroy();
        else end(response, 500, `Something failed on our side. Quote ${facts.requestId} when you report it.`);
      }
    };
    await inRequest(facts.requestId, () => (route.isQuiet ? answer() : traced(route, facts, response, answer)));
  };
}

/** Every request is in the figures, also one that comes no further than here. @returns the door, to be named once it is known */
function count(meters: PipelineOptions['meters'], { method }: RequestFacts, response: ServerResponse) {
  const counting = { route: OTHER };
  const stop = meters?.requests.startTimer({ http_request_method: method });
  const told = () => stop?.({ http_route: counting.route, http_response_status_code: response.statusCode });
  if (stop) response.once('close', told);
  return counting;
}

/** Paths may hold what nobody else is to read, and searches do: a trace has the door's name. */
function traced(
  { name = OTHER }: Route,
  { method, headers, requestId }: RequestFacts,
  response: ServerResponse,
  answer: () => Promise<void>,
): Promise<void> {
  const attributes = { 'http.request.method': method, 'http.route': name, 'assay.request_id': requestId };
  const asked = { name: `${method} ${name}`, kind: 'server', parent: headers['traceparent'], isOurs: false } as const;
  return enter({ ...asked, attributes }, async (note) => {
    await answer();
    note({ 'http.response.status_code': response.statusCode });
  });
}

/** The path of a request line; what looks like an address of somebody else's (`//host`, `http://host`) is none of ours. */
function pathOf(target: string): string | null {
  return /^\/(?!\/)/.test(target) && URL.canParse(target, 'http://localhost')
    ? new URL(target, 'http://localhost').pathname
    : null;
}

/** On every answer, whoever gives it. */
function setHeaders(response: ServerResponse, { requestId }: RequestFacts, isHttps: boolean): void {
  response.setHeader('x-request-id', requestId);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('x-frame-options', 'DENY');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.setHeader('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
  // RFC 6797, 7.2: never over plain http.
  if (isHttps) response.setHeader('strict-transport-security', 'max-age=31536000; includeSubDomains');
}

function end(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${message}\n`);
}
