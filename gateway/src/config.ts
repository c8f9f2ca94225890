import { z } from 'zod';
import { PLANNER_NAMES } from './engine/index.ts';
import { DEFAULT_COST_RULES } from './limits/cost/rules.ts';
import { DEFAULT_RATES, ratePolicies } from './rate/policy.ts';
import { DEFAULT_DEADLINE_MS } from './request-time.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const key = z.string().min(43);
const httpsUrl = z.url({ protocol: /^https$/ });

const variables = z.object({
  ASSAY_PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
  ASSAY_METRICS_PORT: z.coerce.number().int().min(0).max(65_535).default(9464),
  ASSAY_PUBLIC_URL: z.url().default('http://localhost:4000'),
  ASSAY_EDGE_URL: z.url().default('http://127.0.0.1:4001'),
  ASSAY_STORE_URL: z.url().default('http://127.0.0.1:4002'),
  ASSAY_WORKER_URL: z.url().default('http://127.0.0.1:4010'),
  ASSAY_MODERATION_URL: z.url().default('http://127.0.0.1:4011'),
  ASSAY_REDIS_URL: z.url(),
  /** A user of its own, with the keys of counters and of registered documents and no others. */
  ASSAY_REDIS_URL_LIMITS: z.url(),
  ASSAY_PRINCIPAL_KEY_IDENTITY: key,
  ASSAY_PRINCIPAL_KEY_MEDIA: key,
  ASSAY_PRINCIPAL_KEY_LICENSING: key,
  ASSAY_PRINCIPAL_KEY_COMPLIANCE: key,
  ASSAY_PRINCIPAL_KEY_MODERATION: key,
  ASSAY_SESSION_KEY: key,
  ASSAY_OIDC_ISSUER: z.url(),
  ASSAY_OIDC_CLIENT_ID: z.string().default('console'),
  ASSAY_OIDC_CLIENT_SECRET: z.string().min(32),
  ASSAY_OIDC_AUDIENCE: z.string().default('assay'),
  /** Further origins whose pages may use the session cookie, with commas between them. */
  ASSAY_ORIGINS: z.string().default(''),
  ASSAY_CONSOLE_DIST: z.string().optional(),
  /** Requests that one body may hold as a list; each is counted and limited by itself. */
  ASSAY_GATEWAY_MAX_BATCH: z.coerce.number().int().min(0).max(100).default(0),
  /** How long a request is worked for, subgraphs and database included. */
  ASSAY_GATEWAY_DEADLINE_MS: z.coerce.number().int().min(100).max(120_000).default(DEFAULT_DEADLINE_MS),
  /** Operations a second of one account; requests of one address; points of estimated cost of either. Averages over ten seconds. */
  ASSAY_RATE_PRINCIPAL: z.coerce.number().positive().default(DEFAULT_RATES.principal),
  ASSAY_RATE_ADDRESS: z.coerce.number().positive().default(DEFAULT_RATES.address),
  ASSAY_RATE_COST: z.coerce.number().positive().default(DEFAULT_RATES.cost),
  /** What becomes of reads while Redis is away and nobody can count; mutations are refused then. */
  ASSAY_RATE_WITHOUT_REDIS: z.enum(['open', 'closed']).default('open'),
  /** In production the schema is shown to whoever is signed in, and to nobody else. */
  ASSAY_GATEWAY_MODE: z.enum(['development', 'production']).default('development'),
  /** `scoped`: whoever sees the schema sees what his scopes reach of it. */
  ASSAY_GATEWAY_INTROSPECTION: z.enum(['whole', 'scoped']).default('whole'),
  /** A file or an address of a composed supergraph, looked at again and again; left out, the one that came with this code. */
  ASSAY_GATEWAY_SUPERGRAPH: z.string().min(1).optional(),
  /** `apollo` needs @apollo/query-planner, which is installed by whoever wants it. */
  ASSAY_PLANNER: z.enum(PLANNER_NAMES).default('native'),
  /** `listed`: only documents of `codegen/persisted-documents.json` are answered. */
  ASSAY_GATEWAY_DOCUMENTS: z.enum(['any', 'listed']).default('any'),
  /** The most that an operation may be estimated at. */
  ASSAY_GATEWAY_MAX_COST: z.coerce
    .number()
    .int()
    .positive()
    .default(DEFAULT_COST_RULES.maximum ?? 50_000),
});

/** Whoever may ask for something so dear has to have the quota for it. */
const schema = variables.refine(
  ({ ASSAY_RATE_COST: perSecond, ASSAY_GATEWAY_MAX_COST: maximum }) =>
    ratePolicies({ ...DEFAULT_RATES, cost: perSecond }).cost.quota >= maximum,
  {
    path: ['ASSAY_RATE_COST'],
    error:
      'In ten seconds it has to take one operation of ASSAY_GATEWAY_MAX_COST points: a tenth of that a second, or more.',
  },
);

const meshSchema = z.object({
  /** A folder with `tls.crt`, `tls.key` and `ca.crt`, of this process. */
  ASSAY_MESH_CREDENTIALS: z.string().min(1),
  ASSAY_SUBGRAPH_URL_IDENTITY: httpsUrl,
  ASSAY_SUBGRAPH_URL_MEDIA: httpsUrl,
  ASSAY_SUBGRAPH_URL_LICENSING: httpsUrl,
  ASSAY_SUBGRAPH_URL_COMPLIANCE: httpsUrl,
});

/** Where the subgraphs are, when they are processes of their own. */
export type MeshConfig = NonNullable<ReturnType<typeof meshOf>>;

/** @returns null when nothing tells of a mesh: the subgraphs are in this process then */
function meshOf(env: Environment) {
  if (!Object.keys(meshSchema.shape).some((name) => env[name])) return null;
  const value = meshSchema.parse(env);
  return {
    credentials: value.ASSAY_MESH_CREDENTIALS,
    urls: {
      identity: value.ASSAY_SUBGRAPH_URL_IDENTITY,
      media: value.ASSAY_SUBGRAPH_URL_MEDIA,
      licensing: value.ASSAY_SUBGRAPH_URL_LICENSING,
      compliance: value.ASSAY_SUBGRAPH_URL_COMPLIANCE,
    },
  };
}

/** What the gateway runs with, by concern. */
export type GatewayConfig = ReturnType<typeof parseConfig>;

/** @throws ZodError that names each variable that is missing or wrong */
export function parseConfig(env: Environment) {
  const value = schema.parse(env);
  return Object.freeze({
    listen: { port: value.ASSAY_PORT, metricsPort: value.ASSAY_METRICS_PORT },
    urls: {
      public: value.ASSAY_PUBLIC_URL,
      edge: new URL(value.ASSAY_EDGE_URL).origin,
      store: new URL(value.ASSAY_STORE_URL).origin,
      worker: value.ASSAY_WORKER_URL,
      moderation: value.ASSAY_MODERATION_URL,
    },
    redisUrl: value.ASSAY_REDIS_URL,
    limitsRedisUrl: value.ASSAY_REDIS_URL_LIMITS,
    mesh: meshOf(env),
    principalKeys: {
      identity: value.ASSAY_PRINCIPAL_KEY_IDENTITY,
      media: value.ASSAY_PRINCIPAL_KEY_MEDIA,
      licensing: value.ASSAY_PRINCIPAL_KEY_LICENSING,
      compliance: value.ASSAY_PRINCIPAL_KEY_COMPLIANCE,
      moderation: value.ASSAY_PRINCIPAL_KEY_MODERATION,
    },
    access: {
      issuer: value.ASSAY_OIDC_ISSUER.replace(/\/$/, ''),
      audience: value.ASSAY_OIDC_AUDIENCE,
      clientId: value.ASSAY_OIDC_CLIENT_ID,
      clientSecret: value.ASSAY_OIDC_CLIENT_SECRET,
      publicUrl: value.ASSAY_PUBLIC_URL,
      origins: value.ASSAY_ORIGINS.split(',').filter(Boolean),
      sessionKey: value.ASSAY_SESSION_KEY,
    },
    manners: { introspection: value.ASSAY_GATEWAY_MODE === 'production' ? 'signed-in' : 'everybody' } as const,
    costRules: { ...DEFAULT_COST_RULES, maximum: value.ASSAY_GATEWAY_MAX_COST },
    maxBatch: value.ASSAY_GATEWAY_MAX_BATCH,
    deadlineMs: value.ASSAY_GATEWAY_DEADLINE_MS,
    rates: {
      policies: ratePolicies({
        principal: value.ASSAY_RATE_PRINCIPAL,
        address: value.ASSAY_RATE_ADDRESS,
        cost: value.ASSAY_RATE_COST,
      }),
      whenAway: value.ASSAY_RATE_WITHOUT_REDIS,
    },
    supergraph: value.ASSAY_GATEWAY_SUPERGRAPH,
    planner: value.ASSAY_PLANNER,
    introspection: value.ASSAY_GATEWAY_INTROSPECTION,
    onlyListedDocuments: value.ASSAY_GATEWAY_DOCUMENTS === 'listed',
    consoleDist: value.ASSAY_CONSOLE_DIST,
  });
}
