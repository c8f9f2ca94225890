import { expect, it } from 'vitest';
import { type Environment, parseConfig } from './config.ts';

const key = 'k'.repeat(43);
const NEEDED: Environment = {
  ASSAY_REDIS_URL: 'redis://127.0.0.1:6379',
  ASSAY_REDIS_URL_LIMITS: 'redis://limits@127.0.0.1:6379',
  ASSAY_PRINCIPAL_KEY_IDENTITY: key,
  ASSAY_PRINCIPAL_KEY_MEDIA: key,
  ASSAY_PRINCIPAL_KEY_LICENSING: key,
  ASSAY_PRINCIPAL_KEY_COMPLIANCE: key,
  ASSAY_PRINCIPAL_KEY_MODERATION: key,
  ASSAY_SESSION_KEY: key,
  ASSAY_OIDC_ISSUER: 'https://id.example/',
  ASSAY_OIDC_CLIENT_SECRET: 's'.repeat(32),
};
const read = (env: Environment) => {
  const { manners, introspection, onlyListedDocuments, rates, maxBatch, mesh } = parseConfig({ ...NEEDED, ...env });
  return {
    shownTo: manners.introspection,
    introspection,
    onlyListedDocuments,
    whenAway: rates.whenAway,
    maxBatch,
    mesh,
  };
};
const DEFAULTS = {
  shownTo: 'everybody',
  introspection: 'whole',
  onlyListedDocuments: false,
  whenAway: 'open',
  maxBatch: 0,
  mesh: null,
};

it.each<[string, Environment, Partial<typeof DEFAULTS>]>([
  ['nothing', {}, {}],
  ['development', { ASSAY_GATEWAY_MODE: 'development' }, {}],
  ['production', { ASSAY_GATEWAY_MODE: 'production' }, { shownTo: 'signed-in' }],
  ['introspection by scope', { ASSAY_GATEWAY_INTROSPECTION: 'scoped' }, { introspection: 'scoped' }],
  ['listed documents', { ASSAY_GATEWAY_DOCUMENTS: 'listed' }, { onlyListedDocuments: true }],
  ['closed without Redis', { ASSAY_RATE_WITHOUT_REDIS: 'closed' }, { whenAway: 'closed' }],
  ['a quota for just one of the dearest operations', { ASSAY_RATE_COST: '5000' }, {}],
  ['lists of requests', { ASSAY_GATEWAY_MAX_BATCH: '5' }, { maxBatch: 5 }],
])('an operator who asks for %s has it', (_what, env, changed) => {
  expect(read(env)).toEqual({ ...DEFAULTS, ...changed });
});

it.each<[string, Environment]>([
  ['ASSAY_GATEWAY_MODE', { ASSAY_GATEWAY_MODE: 'prod' }],
  ['ASSAY_GATEWAY_INTROSPECTION', { ASSAY_GATEWAY_INTROSPECTION: 'none' }],
  ['ASSAY_GATEWAY_DOCUMENTS', { ASSAY_GATEWAY_DOCUMENTS: 'yes' }],
  ['ASSAY_RATE_COST', { ASSAY_RATE_COST: '4999' }],
  ['ASSAY_GATEWAY_MAX_COST', { ASSAY_RATE_COST: '100', ASSAY_GATEWAY_MAX_COST: '1001' }],
  ['ASSAY_PRINCIPAL_KEY_MEDIA', { ASSAY_PRINCIPAL_KEY_MEDIA: 'short' }],
  ['ASSAY_SESSION_KEY', { ASSAY_SESSION_KEY: undefined }],
  ['ASSAY_SUBGRAPH_URL_MEDIA', { ASSAY_MESH_CREDENTIALS: '/credentials' }],
])('a mistake in %s is named, and nothing starts with it', (name, env) => {
  expect(() => read(env)).toThrow(name);
});
