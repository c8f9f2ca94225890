import { type Context, Hono } from 'hono';
import { notFound, tooManyRequests, unavailable } from './answers.ts';
import { deliver } from './delivery/deliver.ts';
import { describe, redeem } from './delivery/redeem.ts';
import type { EdgeDeps } from './deps.ts';
import { showPreview } from './preview.ts';

/** What the platform knows of a connection and a request does not say. */
export interface Connection {
  /** The client's network, from its address as the platform saw it; no header is believed. */
  readonly network: string;
  /** The client, as its rate is counted. */
  readonly source: string;
  /** Ends the connection without sending what still waits in it; false where the platform cannot. */
  hangUp(): boolean;
}

/** Finds the connection in what the platform's adapter hands on with a request. */
export type ConnectionOf = (env: unknown) => Connection;

/**
 * The edge as one app: grants are spent, leases served, previews shown, and everything else is the same 404.
 *
 * @param connectionOf the platform's adapter
 */
export function createEdge(deps: EdgeDeps, connectionOf: ConnectionOf): Hono {
  const app = new Hono();
  const paced =
    (answer: (context: Context, connection: Connection) => Response | Promise<Response>) =>
    (context: Context): Response | Promise<Response> => {
      const connection = connectionOf(context.env);
      return deps.rate(connection.source, deps.now()) ? answer(context, connection) : tooManyRequests();
    };

  app.get(
    '/d/:grant',
    paced((context, connection) =>
      isHead(context)
        ? describe(tokenIn(context), deps)
        : redeem(tokenIn(context), redeemerOf(context, connection), deps),
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
  app.onError((cause) => {
    deps.log.error({ err: cause }, 'a request could not be decided');
    return unavailable();
  });
  return app;
}

/** What follows `/d/`, `/l/` or `/p/`, as it stands in the path, so that a token has one spelling. */
function tokenIn(context: Context): string {
  const { path } = context.req;
  const end = path.indexOf('/', 3);
  return path.slice(3, end < 0 ? undefined : end);
}

/** Hono answers HEAD by its GET route: each of them has to ask. */
function isHead(context: Context): boolean {
  return context.req.method === 'HEAD';
}

function redeemerOf(context: Context, { network }: Connection) {
  return { network, userAgent: context.req.header('user-agent') ?? '' };
}

async function ready(context: Context, { ledger, store }: EdgeDeps): Promise<Response> {
  const [redis, objects] = await Promise.all([isAlive(ledger), isAlive(store)]);
  const isReady = redis && objects;
  return context.json({ status: isReady ? 'ready' : 'unready', parts: { redis, store: objects } }, isReady ? 200 : 503);
}

async function isAlive(part: { isAlive(): Promise<boolean> }): Promise<boolean> {
  return part.isAlive().catch(() => false);
}
