import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { verifyFences, withTenant } from '@assay/database';
import Provider from 'oidc-provider';
import { createEmailIndex } from '../accounts/email.ts';
import { createPasswordCheck } from '../accounts/password.ts';
import { openDatabase } from '../adapters/database.ts';
import { createProviderRecords, removeExpiredRecords } from '../adapters/provider-records.ts';
import { createSqlLoginBook } from '../adapters/sql-login-book.ts';
import type { ProviderConfig } from './config.ts';
import { configurationOf } from './configuration.ts';
import { openProviderKeys } from './keys.ts';
import { serveSignIn } from './sign-in.ts';

const SWEEP_MS = 10 * 60 * 1000;

/** Takes what the provider could not do. */
export type ProviderReporter = (what: string, error: unknown) => void;

/**
 * Starts the embedded OpenID provider where its issuer says.
 *
 * @returns its issuer, and how to end it: open requests get two seconds
 */
export async function startProvider(
  config: ProviderConfig,
  report: ProviderReporter,
): Promise<AsyncDisposable & { issuer: string }> {
  await verifyFences(config.databaseUrl);
  const database = openDatabase(config.databaseUrl);
  const keys = await openProviderKeys(join(config.stateDir, 'oidc', 'keys.json'));
  const { issuer } = config;
  const provider = new Provider(
    issuer,
    configurationOf({
      audience: config.audience,
      console: { ...config.client, url: config.consoleUrl },
      keys,
      recordsOf: createProviderRecords(database),
      hasAccount: async (subject) => {
        const actor = { system: 'system:provider', tenantId: null, requestId: 'provider' } as const;
        const rows = await withTenant(
          database,
          actor,
          (tx) => tx.$queryRaw<{ known: boolean }[]>`select identity.has_account(${issuer}, ${subject}) as known`,
        );
        return rows[0]?.known === true;
      },
    }),
  );
  provider.on('server_error', (_ctx, error) => report('the provider failed', error));
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
  await listen(server, issuer);
  const sweep = setInterval(() => {
    removeExpiredRecords(database).catch((error: unknown) => report('expired records stay', error));
  }, SWEEP_MS).unref();
  return {
    issuer,
    [Symbol.asyncDispose]: async () => {
      clearInterval(sweep);
      await close(server);
      await database.$disconnect();
    },
  };
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
