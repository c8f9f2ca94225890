import { createServer, request as httpRequest } from 'node:http';
import { failure } from '@assay/failure';
import { anonymous, type Principal } from '@assay/principal';
import { createLog, createMetrics } from '@assay/telemetry';
import type { Access, PrincipalEnd, RequestFacts } from '../src/access/port.ts';
import { composeSupergraph } from '../src/compose.ts';
import { createEngine, createHivePlanner } from '../src/engine/index.ts';
import { createPresentError } from '../src/errors.ts';
import { openMeters } from '../src/meters.ts';
import { type RunningServer, type Served, type ServerOptions, startServer } from '../src/server.ts';
import { openDoorsSubgraphs, people, shop } from './doors-subgraphs.ts';

/** The gateway's doors on real sockets, over two small subgraphs, with an access that the test decides on. */
export interface DoorsHouse extends AsyncDisposable {
  readonly server: RunningServer;
  readonly url: string;
  /** Tokens by name; a test may add, change and take away. */
  readonly tokens: Map<string, Principal>;
  /** By name: what a token is kept waiting for before it is told whose it is. */
  readonly waits: Map<string, () => Promise<void>>;
  /** How many principals are watched. */
  watched(): number;
  /** Ends every watched principal. */
  end(why: PrincipalEnd): void;
  /** Makes the next events of `changes`. */
  emit(id: string): void;
  /** How many streams are open in the subgraph. */
  streams(): number;
  /** Subgraphs that were asked, in order. */
  readonly asked: string[];
  /** What was reported as failed inside. */
  readonly reported: string[];
  /** Serves another supergraph: the shop’s schema as it is changed. */
  succeed(change: (sdl: string) => string): Promise<void>;
  post(body: unknown, headers?: Record<string, string>): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: GraphqlAnswer;
}

export interface GraphqlAnswer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly locations?: unknown;
    readonly extensions?: Record<string, unknown>;
  }[];
}

/** A principal of the tests: somebody with a session that ends in an hour. */
export function somebody(subject: string): Principal {
  const expiresAt = Math.floor(Date.now() / 1000) + 3_600;
  return { ...anonymous('test-request', null), subject, sessionId: 'a-session', roles: ['author'], expiresAt };
}

export const ADA = '00000000-0000-4000-8000-000000000001';
export const ORIGIN = 'https://console.assay.test';

export async function startDoorsHouse(options: Partial<ServerOptions> = {}): Promise<DoorsHouse> {
  const tokens = new Map([['ada', somebody(ADA)]]);
  const waits: DoorsHouse['waits'] = new Map();
  const watchers = new Set<(end: PrincipalEnd) => void>();
  const reported: string[] = [];
  const asked: string[] = [];
  const { transports, emit, streams } = openDoorsSubgraphs((name) => asked.push(name));
  const serve = (supergraphSdl: string): Served => ({
    supergraphSdl,
    engine: createEngine({ supergraphSdl, planner: createHivePlanner(supergraphSdl), transports }),
  });
  const log = createLog('test');
  log.level = 'silent';
  const server = await startServer({
    port: 0,
    publicUrl: 'https://console.assay.test',
    ...serve(composeSupergraph({ shop, people })),
    access: testAccess({ tokens, waits, watchers }),
    present: createPresentError(log),
    meters: openMeters(createMetrics()),
    probes: {},
    pages: { folder: '/nowhere', edgeOrigin: 'http://127.0.0.1:4001', storeOrigin: 'http://127.0.0.1:4002' },
    routes: [],
    report: (error) => reported.push(String(error)),
    ...options,
  });
  const get = async (path: string, init: RequestInit): Promise<Answer> => {
    const answer = await fetch(`${server.url}${path}`, init);
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, json: jsonOf(text) };
  };
  return {
    server,
    url: server.url,
    tokens,
    waits,
    asked,
    reported,
    watched: () => watchers.size,
    end: (why) => {
      for (const end of [...watchers]) end(why);
    },
    emit,
    streams,
    succeed: (change) => server.succeed(serve(composeSupergraph({ shop: change(shop), people }))),
    post: (body, headers = {}) =>
      get('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    get: (path, headers = {}) => get(path, { headers }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** `Bearer NAME` is whoever the test put there; a cookie `ada` is Ada, from the one allowed origin. */
function testAccess({
  tokens,
  waits,
  watchers,
}: Pick<DoorsHouse, 'tokens' | 'waits'> & { readonly watchers: Set<(end: PrincipalEnd) => void> }): Access {
  const of = async ({ requestId }: RequestFacts, authorization: string | undefined, cookie: string | undefined) => {
    if (authorization === undefined && cookie === undefined) return anonymous(requestId, null);
    if (authorization === 'Bearer away') throw failure('UPSTREAM_UNAVAILABLE', 'It cannot be told who you are.');
    const name = authorization?.replace(/^Bearer /, '') ?? cookie ?? '';
    await waits.get(name)?.();
    const known = tokens.get(name);
    if (!known) throw failure('UNAUTHENTICATED', 'The token does not hold.');
    return { ...known, requestId };
  };
  return {
    principalOf: (request) => of(request, request.headers['authorization'], request.headers['cookie']),
    principalOfSocket: (upgrade, authorization) => of(upgrade, authorization, upgrade.headers['cookie']),
    isUpgradeAllowed: ({ headers: { origin, cookie } }) =>
      origin === undefined && cookie === undefined ? true : origin === ORIGIN,
    forget: () => undefined,
    watch: (_principal, onEnd) => {
      watchers.add(onEnd);
      return { [Symbol.dispose]: () => void watchers.delete(onEnd) };
    },
  };
}

function jsonOf(text: string): GraphqlAnswer {
  try {
    return JSON.parse(text) as GraphqlAnswer;
  } catch {
    return {};
  }
}

/** A request exactly as written, with a Host of one's choice; `fetch` would not let us. */
export function raw(
  url: string,
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string | Buffer },
): Promise<{ status: number; headers: Record<string, string | string[] | undefined>; body: string }> {
  const { port } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port,
        method: options.method ?? 'GET',
        path: options.path ?? '/graphql',
        headers: { host: `localhost:${port}`, ...options.headers },
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => (body += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      },
    );
    request.on('error', reject);
    request.end(options.body);
  });
}

/** A part's health door that a test turns on and off. */
export async function startHealthDoor(answer: () => { status: number; body: object }) {
  const server = createServer((_request, response) => {
    const { status, body } = answer();
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}
