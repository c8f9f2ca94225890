/** Parts that somebody else runs: nothing local is started in their place. README.md has the names and what each has to allow. */
export interface Elsewhere {
  /** An administrator's URL; roles, database and migrations are made with it. */
  readonly postgres?: string | undefined;
  /** @param user the process that asks; every process may have a URL of its own */
  readonly redis?: ((user: string) => string) | undefined;
  /** `tcp://host:port` or `unix:/path`. */
  readonly clamd?: string | undefined;
  readonly store?: StoreElsewhere | undefined;
  readonly oidc?: OidcElsewhere | undefined;
  readonly edge?: string | undefined;
  readonly intake?: string | undefined;
  readonly moderation?: string | undefined;
}

export interface StoreElsewhere {
  readonly url: string;
  readonly region: string;
  /** @param user the process that asks */
  credentialsOf(user: string): { readonly key: string; readonly secret: string };
}

export interface OidcElsewhere {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** The addresses that an environment names. @throws Error that names the variable that is missing */
export function parseElsewhere(env: Env): Elsewhere {
  return {
    postgres: env['ASSAY_POSTGRES_URL'],
    redis: parseRedis(env),
    clamd: env['ASSAY_CLAMD'],
    store: parseStore(env),
    oidc: parseOidc(env),
    edge: env['ASSAY_EDGE_URL'],
    intake: env['ASSAY_WORKER_URL'],
    moderation: env['ASSAY_MODERATION_URL'],
  };
}

function parseRedis(env: Env): Elsewhere['redis'] {
  const url = env['ASSAY_REDIS_URL'];
  return url === undefined ? undefined : (user) => env[`ASSAY_REDIS_URL_${user.toUpperCase()}`] ?? url;
}

function parseStore(env: Env): StoreElsewhere | undefined {
  const url = env['ASSAY_STORE_URL'];
  if (url === undefined) return undefined;
  return {
    url,
    region: env['ASSAY_STORE_REGION'] ?? 'us-east-1',
    credentialsOf: (user) => ({
      key: env[`ASSAY_STORE_KEY_${user.toUpperCase()}`] ?? required(env, 'ASSAY_STORE_KEY'),
      secret: env[`ASSAY_STORE_SECRET_${user.toUpperCase()}`] ?? required(env, 'ASSAY_STORE_SECRET'),
    }),
  };
}

function parseOidc(env: Env): OidcElsewhere | undefined {
  const issuer = env['ASSAY_OIDC_ISSUER'];
  if (issuer === undefined) return undefined;
  return {
    issuer,
    clientId: env['ASSAY_OIDC_CLIENT_ID'] ?? 'console',
    clientSecret: required(env, 'ASSAY_OIDC_CLIENT_SECRET'),
  };
}

function required(env: Env, name: string): string {
  const value = env[name];
  if (!value) throw new Error(`${name} is missing; ops/run/README.md tells what belongs to an address.`);
  return value;
}
