import { requestIdOf } from '@assay/telemetry';
import { type Context, Hono } from 'hono';
import { notFound, REQUEST_ID, tooManyRequests, undecided } from './answers.ts';
import { deliver } from './delivery/deliver.ts';
import { describe, redeem } from './delivery/redeem.ts';
import type { EdgeDeps } from './deps.ts';
import { showPreview } from './preview.ts';
import { seen } from './seen.ts';

/** What the platform knows of a connection and a request does not say. */
export interface Connection {
  /** The client's network, from its address as the platform saw it; no header is believed. */
  readonly network: string;
  /** The client, as its rate is counted. */
  readonly source: string;
  /** Ends the connection without sending what still waits in it; false where the platform cannot. */
  hangUp(): boolean;
}

/** What a platform serves. */
export type Edge = Pick<Hono, 'fetch'>;

/** What a request carries through the routes. */
interface Seen {
  Variables: { requestId: string };
}

/** Finds the connection in what the platform's adapter hands on with a request. */
export type ConnectionOf = (env: unknown) => Connection;

/**
 * The edge as one app: grants are spent, leases served, previews shown, and everything else is the same 404.
 *
 * @param connectionOf the platform's adapter
 */
export function createEdge(deps: EdgeDeps, connectionOf: ConnectionOf): Edge {
  const app = new Hono<Seen>();
  app.use(async (context, next) => {
    const { req } = context;
    const requestId = requestIdOf(req.header(REQUEST_ID));
    context.set('requestId', requestId);
    await seen({ method: req.method, path: req.path, requestId, parent: req.header('traceparent') }, async (note) => {
      await next();
      note({ 'http.response.status_code': context.res.status });
    });
    context.res.headers.set(REQUEST_ID, requestId);
  });
  const paced =
    (answer: (context: Context<Seen>, connection: Connection) => Response | Promise<Response>) =>
    (context: Context<Seen>): Response | Promise<Response> => {
      const connection = connectionOf(context.env);
      return deps.rate(connection.source, deps.now()) ? answer(context, connection) : tooManyRequests();
    };

  app.get(
    '/d/:grant',
    paced((context, connection) =>
      isHead(context)
        ? describe(tokenIn(context), deps)
        : redeem(tokenIn(context), redeemerOf(context, connection), context.get('requestId'), deps),
    ),
  );
  app.get(
    '/l/:lease/:name',
    paced((context, connection) =>
      deliver(
        {
          token: tokenIn(context),
          name: context.req.param('name') ?? '',
          redeemer: redeemerOf(context, connection),
          isHead: isHead(context),
          range: context.req.header('range'),
          ifRange: context.req.header('if-range'),
          signal: context.req.raw.signal,
          hangUp: () => connection.hangUp(),
        },
        deps,
      ),
    ),
  );
  app.get(
    '/p/:signed',
    paced((context) => showPreview(tokenIn(context), isHead(context), context.req.raw.signal, deps)),
  );
  app.get('/health/live', (context) => context.json({ status: 'live' }));
  app.get('/health/ready', (context) => ready(context, deps));
  app.notFound(paced(notFound));
  app.onError((cause) => undecided(cause, deps.log));
  return app;
}

/** What follows `/d/`, `/l/` or `/p/`, as it stands in the path, so that a token has one spelling. */
function tokenIn(context: Context<Seen>): string {
  const { path } = context.req;
  const end = path.indexOf('/', 3);
  return path.slice(3, end < 0 ? undefined : end);
}

/** Hono answers HEAD by its GET route: each of them has to ask. */
function isHead(context: Context<Seen>): boolean {
  return context.req.method === 'HEAD';
}

function redeemerOf(context: Context<Seen>, { network }: Connection) {
  return { network, userAgent: context.req.header('user-agent') ?? '' };
}

async function ready(context: Context<Seen>, { ledger, store }: EdgeDeps): Promise<Response> {
  const [redis, objects] = await Promise.all([isAlive(ledger), isAlive(store)]);
  const isReady = redis && objects;
  return context.json({ status: isReady ? 'ready' : 'unready', parts: { redis, store: objects } }, isReady ? 200 : 503);
}

async function isAlive(part: { isAlive(): Promise<boolean> }): Promise<boolean> {
  return part.isAlive().catch(() => false);
}
