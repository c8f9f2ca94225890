import { announceReady, type Log, startTelemetry } from '@assay/telemetry';
import { z } from 'zod';
import type { SubgraphHandler } from '../handler.ts';
import type { SpentTokens } from '../spent-tokens.ts';
import { watchCredentials } from './credentials.ts';
import { openRedisSpentTokens } from './redis-spent-tokens.ts';
import { type ServeOptions, serveSubgraph } from './serve.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A subgraph whose connections are open. */
export interface OpenSubgraph extends AsyncDisposable {
  readonly handler: SubgraphHandler;
  readonly calls?: ServeOptions['calls'];
}

/** What is told of errors that nobody sees: an id that the client got, and what it was. */
export type Report = (errorId: string, error: unknown) => void;

/** What a subgraph's process hands to the subgraph in it. */
export interface Around {
  readonly report: Report;
  /** Those of all its replicas. */
  readonly spentTokens: SpentTokens;
}

/** What may still run at the end gets this long. */
const GRACE_MS = 4_500;

const schema = z.object({
  ASSAY_HOST: z.string().default('127.0.0.1'),
  ASSAY_PORT: z.coerce.number().int().min(0).max(65_535),
  /** Where its replicas keep which tokens were spent; while it is away, nothing is changed. */
  ASSAY_REDIS_URL: z.url(),
  /** A folder with `tls.crt`, `tls.key` and `ca.crt`. */
  ASSAY_MESH_CREDENTIALS: z.string().min(1),
  /** The processes that may ask, with commas between them. */
  ASSAY_MESH_PEERS: z.string().default('gateway'),
});

/**
 * Runs a subgraph as a process of its own until SIGTERM or SIGINT: serves it, says that it is ready, and at the end lets what is
 * under way finish before its connections close. The process exits with 0 then, and with 1 when it could not be started.
 */
export async function runSubgraph(
  name: string,
  env: Environment,
  open: (env: Environment, around: Around) => Promise<OpenSubgraph>,
): Promise<void> {
  const telemetry = await startTelemetry(name, env);
  const { log } = telemetry;
  const stopped = new Promise<NodeJS.Signals>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  try {
    const running = await start(name, env, log, open);
    announceReady(name, running.url);
    log.info({ signal: await stopped }, 'ending');
    setTimeout(() => process.exit(1), GRACE_MS).unref();
    await running[Symbol.asyncDispose]();
    await telemetry[Symbol.asyncDispose]();
    process.exit(0);
  } catch (error) {
    log.fatal({ err: error }, 'could not be started');
    process.exit(1);
  }
}

async function start(name: string, env: Environment, log: Log, open: Parameters<typeof runSubgraph>[2]) {
  const value = schema.parse(env);
  await using stack = new AsyncDisposableStack();
  const report: Report = (errorId, err) => log.error({ errorId, err }, 'masked error of a subgraph');
  const spentTokens = stack.use(
    openRedisSpentTokens({
      url: value.ASSAY_REDIS_URL,
      subgraph: name,
      onError: (err) => log.warn({ err }, 'redis is away'),
    }),
  );
  const subgraph = stack.use(await open(env, { report, spentTokens }));
  const credentials = stack.use(
    await watchCredentials(value.ASSAY_MESH_CREDENTIALS, (err) =>
      log.warn({ err }, 'new credentials could not be taken'),
    ),
  );
  const served = stack.use(
    await serveSubgraph(subgraph.handler, {
      hostname: value.ASSAY_HOST,
      port: value.ASSAY_PORT,
      credentials,
      peers: value.ASSAY_MESH_PEERS.split(',').filter(Boolean),
      ...(subgraph.calls ? { calls: subgraph.calls } : {}),
      report: (what, err) => log.error({ err }, what),
      turnedAway: (reason) => log.warn({ reason }, 'somebody was turned away at the handshake'),
    }),
  );
  const held = stack.move();
  return { url: served.url, [Symbol.asyncDispose]: () => held.disposeAsync() };
}
