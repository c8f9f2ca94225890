import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { verifyFences } from '@assay/database';
import { Redis } from 'ioredis';
import Provider, { type KoaContextWithOIDC } from 'oidc-provider';
import { createEmailIndex } from '../accounts/email.ts';
import { createPasswordCheck } from '../accounts/password.ts';
import { openDatabase } from '../adapters/database.ts';
import { createProviderAccounts, type ProviderAccounts } from '../adapters/provider-accounts.ts';
import { createProviderRecords, removeExpiredRecords } from '../adapters/provider-records.ts';
import { createRedisWake } from '../adapters/redis-wake.ts';
import { createSqlLoginBook } from '../adapters/sql-login-book.ts';
import { truncateAddress } from '../sessions/address.ts';
import type { WakeSession } from '../sessions/sessions.ts';
import type { ProviderConfig } from './config.ts';
import { configurationOf } from './configuration.ts';
import { openProviderKeys } from './keys.ts';
import { serveSignIn } from './sign-in.ts';

const SWEEP_MS = 10 * 60 * 1000;

/** Takes what the provider could not do. */
export type ProviderReporter = (what: string, error: unknown) => void;

/**
 * Starts the embedded OpenID provider where its issuer says. Refuses when row security would not hold for its role.
 *
 * @returns its issuer, and how to end it: open requests get two seconds
 */
export async function startProvider(
  config: ProviderConfig,
  report: ProviderReporter,
): Promise<AsyncDisposable & { issuer: string }> {
  await verifyFences(config.databaseUrl);
  await using stack = new AsyncDisposableStack();
  const database = stack.use(openDatabase(config.databaseUrl));
  const redis = stack.adopt(connect(config.redisUrl), (client) => client.disconnect());
  const wake = createRedisWake(redis, (error) => report('gateways hear of an end a little later', error));
  const accounts = createProviderAccounts(database, config.issuer);
  const provider = new Provider(
    config.issuer,
    configurationOf({
      audience: config.audience,
      console: { ...config.client, url: config.consoleUrl },
      keys: await openProviderKeys(join(config.stateDir, 'oidc', 'keys.json')),
      recordsOf: createProviderRecords(database),
      hasAccount: accounts.has,
    }),
  );
  provider.on('server_error', (_ctx, error) => report('the provider failed', error));
  provider.use(endingSessions(accounts, wake));
  const login = {
    book: createSqlLoginBook(database),
    indexOf: createEmailIndex(config.indexKey),
    isPassword: await createPasswordCheck(),
  };
  const server = createServer((request, response) => {
    if (!request.url?.startsWith('/sign-in/')) return void provider.callback()(request, response);
    serveSignIn({ provider, login, consoleUrl: config.consoleUrl }, request, response).catch((error: unknown) => {
      report('the sign-in form failed', error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await listen(server, config.issuer);
  stack.adopt(server, close);
  const sweep = () => removeExpiredRecords(database).catch((error: unknown) => report('expired records stay', error));
  stack.adopt(setInterval(sweep, SWEEP_MS).unref(), clearInterval);
  const held = stack.move();
  return { issuer: config.issuer, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

/** Whoever signs out at the provider signs out of what was opened with that sign-in. */
function endingSessions(accounts: ProviderAccounts, wake: WakeSession) {
  return async (ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    await next();
    const session = ctx.oidc?.route === 'end_session_confirm' ? ctx.oidc.session : undefined;
    if (!session || !('destroyed' in session)) return;
    const ended = await accounts.endSession(session.uid, truncateAddress(ctx.req.socket.remoteAddress), randomUUID());
    if (ended !== null) await wake(ended);
  };
}

function connect(url: string): Redis {
  const client = new Redis(url, { maxRetriesPerRequest: 1, enableOfflineQueue: false, enableReadyCheck: false });
  // It connects again by itself; who needs it meanwhile is told.
  client.on('error', () => undefined);
  return client;
}

function listen(server: Server, issuer: string): Promise<void> {
  const { hostname, port } = new URL(issuer);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: Number(port || 80) }, resolve);
  });
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const patience = setTimeout(() => server.closeAllConnections(), 2_000);
  await closed;
  clearTimeout(patience);
}
