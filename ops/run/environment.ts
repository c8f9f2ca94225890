import type { RuntimeRole } from '@assay/database';
import type { Environment, Ground } from './part.ts';
import { credentialsOf } from './parts/authority.ts';
import { clamdUrl } from './parts/clamd.ts';
import { databaseUrl } from './parts/database.ts';
import { redisUrl } from './parts/redis.ts';
import { storeUrl } from './parts/store.ts';
import type { StoreUser } from './parts/store-access.ts';

/** The processes of our own. */
export const PROCESSES = [
  'oidc',
  'gateway',
  'identity',
  'media',
  'licensing',
  'compliance',
  'intake',
  'janitor',
  'moderation',
  'redemptions',
  'edge',
] as const;
export type ProcessName = (typeof PROCESSES)[number];

/** Those that are in the gateway's process, or in a mesh processes of their own. */
export const SUBGRAPHS = ['identity', 'media', 'licensing', 'compliance'] as const;
export type SubgraphName = (typeof SUBGRAPHS)[number];

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
    edgeMetrics: `http://127.0.0.1:${ports.edge_metrics}/metrics`,
    subgraphs: {
      identity: `https://127.0.0.1:${ports.identity}`,
      media: `https://127.0.0.1:${ports.media}`,
      licensing: `https://127.0.0.1:${ports.licensing}`,
      compliance: `https://127.0.0.1:${ports.compliance}`,
    },
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
    ...(ground.topology === 'mesh' ? toSubgraphs(ground) : withSubgraphs(ground)),
    ASSAY_PORT: String(ground.ports.gateway),
    ASSAY_METRICS_PORT: String(ground.ports.metrics),
    ASSAY_REDIS_URL_LIMITS: redisUrl(ground, 'limits'),
    ...Object.fromEntries([...SUBGRAPHS, 'moderation'].map((audience) => principalKey(ground, audience))),
    ASSAY_PUBLIC_URL: urlsOf(ground).gateway,
    ASSAY_EDGE_URL: urlsOf(ground).edge,
    ASSAY_MODERATION_URL: urlsOf(ground).moderation,
    ASSAY_WORKER_URL: urlsOf(ground).worker,
    ASSAY_SESSION_KEY: ground.secrets('session-key'),
    ...oidc(ground),
  }),
  identity: (ground) => ({
    ...inMesh(ground, 'identity'),
    ...identity(ground),
    ASSAY_REDIS_URL: redisUrl(ground, 'identity'),
  }),
  media: (ground) => ({ ...inMesh(ground, 'media'), ...media(ground), ASSAY_REDIS_URL: redisUrl(ground, 'media') }),
  licensing: (ground) => ({
    ...inMesh(ground, 'licensing'),
    ...licensing(ground),
    ASSAY_REDIS_URL: redisUrl(ground, 'licensing'),
  }),
  compliance: (ground) => ({
    ...inMesh(ground, 'compliance'),
    ...compliance(ground),
    ASSAY_REDIS_URL: redisUrl(ground, 'compliance'),
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
    ASSAY_METRICS_PORT: String(ground.ports.edge_metrics),
    ASSAY_REDIS_URL: redisUrl(ground, 'edge'),
    ...store(ground, 'edge'),
    ASSAY_GRANT_SEAL_KEY: ground.secrets('grant-seal-key'),
    ASSAY_PREVIEW_KEY: ground.secrets('preview-key'),
  }),
};

/** A gateway with the subgraphs in its process has all that they have. */
function withSubgraphs(ground: Ground): Environment {
  return {
    ...identity(ground),
    ...media(ground),
    ...licensing(ground),
    ...compliance(ground),
    ASSAY_REDIS_URL: redisUrl(ground, 'gateway'),
  };
}

/** A gateway that asks them has no row, no key of the store and no secret of theirs, but those that sign principals. */
function toSubgraphs(ground: Ground): Environment {
  const { subgraphs, store } = urlsOf(ground);
  return {
    ASSAY_MESH_CREDENTIALS: credentialsOf(ground, 'gateway'),
    ...Object.fromEntries(SUBGRAPHS.map((name) => [`ASSAY_SUBGRAPH_URL_${name.toUpperCase()}`, subgraphs[name]])),
    ASSAY_REDIS_URL: redisUrl(ground, 'sessions'),
    ASSAY_STORE_URL: store,
  };
}

function inMesh(ground: Ground, name: SubgraphName): Environment {
  return { ASSAY_PORT: String(ground.ports[name]), ASSAY_MESH_CREDENTIALS: credentialsOf(ground, name) };
}

function identity(ground: Ground): Environment {
  return {
    ...databases(ground, 'identity_app'),
    ...Object.fromEntries([principalKey(ground, 'identity')]),
    ASSAY_KEYRING_KEY: ground.secrets('keyring-key'),
  };
}

function media(ground: Ground): Environment {
  return {
    ...databases(ground, 'media_app', 'media_moderator'),
    ...Object.fromEntries([principalKey(ground, 'media')]),
    ...store(ground, 'gateway'),
    ASSAY_PREVIEW_KEY: ground.secrets('preview-key'),
    ASSAY_EDGE_URL: urlsOf(ground).edge,
    ASSAY_PUBLIC_URL: urlsOf(ground).gateway,
  };
}

function licensing(ground: Ground): Environment {
  return {
    ...databases(ground, 'licensing_app'),
    ...Object.fromEntries([principalKey(ground, 'licensing')]),
    ASSAY_GRANT_SEAL_KEY: ground.secrets('grant-seal-key'),
    ASSAY_LICENSE_KEY_PEPPER: ground.secrets('license-key-pepper'),
    ASSAY_EDGE_URL: urlsOf(ground).edge,
  };
}

function compliance(ground: Ground): Environment {
  return {
    ...databases(ground, 'compliance_app', 'audit_reader'),
    ...Object.fromEntries([principalKey(ground, 'compliance')]),
  };
}

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
