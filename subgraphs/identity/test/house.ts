import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from '../../../ops/run/child.ts';
import type { Running } from '../../../ops/run/part.ts';
import { databaseUrl } from '../../../ops/run/parts/database.ts';
import { adminUrl } from '../../../ops/run/parts/postgres.ts';
import { redisUrl } from '../../../ops/run/parts/redis.ts';
import { startParts, type TestParts } from '../../../test/parts.ts';
import { type Database, openDatabase } from '../src/adapters/database.ts';
import { DEMO_ACCOUNTS, seedDemo } from '../src/seed.ts';
import { obtainToken } from '../src/token.ts';

const SRC = join(dirname(fileURLToPath(import.meta.url)), '..', 'src');

/** Postgres, Redis and the provider as processes of their own, with the demo's accounts. */
export interface House extends AsyncDisposable {
  readonly parts: TestParts;
  readonly issuer: string;
  readonly consoleUrl: string;
  /** A superuser's eyes, for looking at what is really in the tables. */
  readonly eyes: Database;
  readonly keys: {
    readonly keyring: string;
    readonly index: string;
    readonly session: string;
    readonly client: string;
  };
  passwordOf(email: string): string;
  tokenOf(email: string): Promise<string>;
  /** The environment of the provider's process. */
  readonly env: Readonly<Record<string, string>>;
  startProvider(): Promise<void>;
  stopProvider(): Promise<void>;
}

export async function startHouse(): Promise<House> {
  await using stack = new AsyncDisposableStack();
  const parts = stack.use(await startParts(['postgres', 'redis']));
  const { secrets, ports, stateDir } = parts.ground;
  const issuer = `http://127.0.0.2:${ports.oidc}`;
  const consoleUrl = `http://localhost:${ports.gateway}`;
  const keys = {
    keyring: secrets('keyring'),
    index: secrets('index'),
    session: secrets('session'),
    client: secrets('client'),
  };
  const passwordOf = (email: string) => secrets(`password-${email}`);
  await seedDemo({
    databaseUrl: databaseUrl(parts.ground, 'identity_system'),
    issuer,
    keyringKey: keys.keyring,
    indexKey: keys.index,
    passwordOf,
  });
  const superuser = new URL(adminUrl(parts.ground));
  superuser.pathname = '/assay';
  const eyes = stack.use(openDatabase(superuser.href, 2));
  const env = {
    PATH: '/usr/bin:/bin',
    ASSAY_STATE_DIR: stateDir,
    ASSAY_DATABASE_URL_IDENTITY_PROVIDER: databaseUrl(parts.ground, 'identity_provider'),
    ASSAY_REDIS_URL: redisUrl(parts.ground, 'identity'),
    ASSAY_INDEX_KEY: keys.index,
    ASSAY_OIDC_ISSUER: issuer,
    ASSAY_OIDC_CLIENT_SECRET: keys.client,
    ASSAY_PUBLIC_URL: consoleUrl,
  };
  let provider: Running | undefined;
  const startProvider = async () => {
    provider = await startChild({
      stateDir,
      name: 'oidc',
      command: process.execPath,
      args: ['--import', 'tsx', join(SRC, 'workers', 'provider.main.ts')],
      cwd: parts.ground.root,
      env,
      url: issuer,
      isReady: () =>
        fetch(`${issuer}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(1_000) }).then(
          ({ ok }) => ok,
          () => false,
        ),
    });
  };
  stack.defer(async () => provider?.stop());
  await startProvider();
  const held = stack.move();
  return {
    parts,
    issuer,
    consoleUrl,
    eyes,
    keys,
    env,
    passwordOf,
    tokenOf: (email) => obtainToken({ issuer, email, password: passwordOf(email) }),
    startProvider,
    stopProvider: async () => provider?.stop(),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** The demo account with this address. */
export function accountOf(email: string) {
  const account = DEMO_ACCOUNTS.find((each) => each.email === email);
  if (!account) throw new Error(`${email} is no demo account.`);
  return account;
}

/** Asks until the answer is a yes. @throws Error when it is not in time */
export async function eventually(
  what: string,
  withinMs: number,
  isSo: () => Promise<boolean> | boolean,
): Promise<number> {
  const from = Date.now();
  while (!(await isSo())) {
    if (Date.now() - from > withinMs) throw new Error(`${what}: not within ${withinMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return Date.now() - from;
}
