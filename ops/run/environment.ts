import type { RuntimeRole } from '@assay/database';
import type { Environment, Ground } from './part.ts';
import { clamdUrl } from './parts/clamd.ts';
import { databaseUrl } from './parts/database.ts';
import { redisUrl } from './parts/redis.ts';
import { storeUrl } from './parts/store.ts';
import type { StoreUser } from './parts/store-access.ts';

/** The processes of our own. */
export const PROCESSES = ['oidc', 'gateway', 'intake', 'janitor', 'moderation', 'redemptions', 'edge'] as const;
export type ProcessName = (typeof PROCESSES)[number];

const AUDIENCES = ['identity', 'media', 'licensing', 'compliance'] as const;

/** Where everything answers. */
export function urlsOf(ground: Ground) {
  const { ports, elsewhere } = ground;
  return {
    gateway: `http://localhost:${ports.gateway}`,
    edge: elsewhere.edge ?? `http://127.0.0.1:${ports.edge}`,
    store: storeUrl(ground),
    issuer: elsewhere.oidc?.issuer ?? `http://127.0.0.2:${ports.oidc}`,
    worker: elsewhere.intake ?? `http://127.0.0.1:${ports.worker}`,
    moderation: elsewhere.moderation ?? `http://127.0.0.1:${ports.moderation}`,
    metrics: `http://127.0.0.1:${ports.metrics}/metrics`,
  };
}

/** The whole environment of one process: what it needs, and nothing of another's. Depends on the ground alone. */
export function environmentOf(ground: Ground, name: ProcessName): Environment {
  return { ...commonOf(ground), ...SPECIFIC[name](ground), ...ground.settings?.['all'], ...ground.settings?.[name] };
}

function commonOf({ stateDir, root }: Ground): Environment {
  return {
    NODE_ENV: 'production',
    PATH: '/usr/bin:/bin',
    LANG: 'C.UTF-8',
    ASSAY_STATE_DIR: stateDir,
    ASSAY_ROOT: root,
  };
}

const SPECIFIC: Readonly<Record<ProcessName, (ground: Ground) => Environment>> = {
  oidc: (ground) => ({
    ASSAY_PORT: String(ground.ports.oidc),
    ...databases(ground, 'identity_provider'),
    ASSAY_REDIS_URL: redisUrl(ground, 'identity'),
    ASSAY_PUBLIC_URL: urlsOf(ground).gateway,
    ASSAY_INDEX_KEY: ground.secrets('index-key'),
    ...oidc(ground),
  }),
  gateway: (ground) => ({
    ASSAY_PORT: String(ground.ports.gateway),
    ASSAY_METRICS_PORT: String(ground.ports.metrics),
    ...databases(
      ground,
      'identity_app',
      'media_app',
      'media_moderator',
      'licensing_app',
      'compliance_app',
      'audit_reader',
    ),
    ASSAY_REDIS_URL: redisUrl(ground, 'gateway'),
    ASSAY_REDIS_URL_LIMITS: redisUrl(ground, 'limits'),
    ...store(ground, 'gateway'),
    ...Object.fromEntries([...AUDIENCES, 'moderation'].map((audience) => principalKey(ground, audience))),
    ASSAY_PUBLIC_URL: urlsOf(ground).gateway,
    ASSAY_EDGE_URL: urlsOf(ground).edge,
    ASSAY_MODERATION_URL: urlsOf(ground).moderation,
    ASSAY_WORKER_URL: urlsOf(ground).worker,
    ASSAY_GRANT_SEAL_KEY: ground.secrets('grant-seal-key'),
    ASSAY_LICENSE_KEY_PEPPER: ground.secrets('license-key-pepper'),
    ASSAY_PREVIEW_KEY: ground.secrets('preview-key'),
    ASSAY_KEYRING_KEY: ground.secrets('keyring-key'),
    ASSAY_SESSION_KEY: ground.secrets('session-key'),
    ...oidc(ground),
  }),
  intake: (ground) => ({
    ASSAY_PORT: String(ground.ports.worker),
    ...databases(ground, 'intake_worker'),
    ASSAY_REDIS_URL: redisUrl(ground, 'worker'),
    ...store(ground, 'intake'),
    ASSAY_CLAMD: clamdUrl(ground),
  }),
  janitor: (ground) => ({
    ...databases(ground, 'janitor'),
    ...store(ground, 'janitor'),
  }),
  moderation: (ground) => ({
    ASSAY_PORT: String(ground.ports.moderation),
    ...databases(ground, 'media_moderator'),
    ...store(ground, 'moderation'),
    ...Object.fromEntries([principalKey(ground, 'moderation')]),
  }),
  redemptions: (ground) => ({ ...databases(ground, 'audit_writer'), ASSAY_REDIS_URL: redisUrl(ground, 'drain') }),
  edge: (ground) => ({
    ASSAY_PORT: String(ground.ports.edge),
    ASSAY_REDIS_URL: redisUrl(ground, 'edge'),
    ...store(ground, 'edge'),
    ASSAY_GRANT_SEAL_KEY: ground.secrets('grant-seal-key'),
    ASSAY_PREVIEW_KEY: ground.secrets('preview-key'),
  }),
};

function databases(ground: Ground, ...roles: readonly RuntimeRole[]): Environment {
  return Object.fromEntries(
    roles.map((role) => [`ASSAY_DATABASE_URL_${role.toUpperCase()}`, databaseUrl(ground, role)]),
  );
}

function store(ground: Ground, user: StoreUser): Environment {
  const { store: elsewhere } = ground.elsewhere;
  const own = () => ({ key: user, secret: ground.secrets(`store-${user}`) });
  const { key, secret } = elsewhere?.credentialsOf(user) ?? own();
  return {
    ASSAY_STORE_URL: storeUrl(ground),
    ASSAY_STORE_KEY: key,
    ASSAY_STORE_SECRET: secret,
    ASSAY_STORE_REGION: elsewhere?.region ?? 'us-east-1',
  };
}

function oidc(ground: Ground): Environment {
  const { oidc: elsewhere } = ground.elsewhere;
  return {
    ASSAY_OIDC_ISSUER: urlsOf(ground).issuer,
    ASSAY_OIDC_CLIENT_ID: elsewhere?.clientId ?? 'console',
    ASSAY_OIDC_CLIENT_SECRET: elsewhere?.clientSecret ?? ground.secrets('oidc-client-secret'),
    ASSAY_OIDC_AUDIENCE: 'assay',
  };
}

function principalKey(ground: Ground, audience: string): [string, string] {
  return [`ASSAY_PRINCIPAL_KEY_${audience.toUpperCase()}`, ground.secrets(`principal-key-${audience}`)];
}
