import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPrincipalSigner, type Principal } from '@assay/principal';
import type { SubgraphHandler } from '@assay/subgraph';
import { createLog } from '@assay/telemetry';
import type { ExecutionResult } from 'graphql';
import { Client } from 'pg';
import { databaseUrl } from '../../../../ops/run/parts/database.ts';
import { adminUrl } from '../../../../ops/run/parts/postgres.ts';
import { redisUrl } from '../../../../ops/run/parts/redis.ts';
import { type PartName, startParts, type TestParts } from '../../../../test/parts.ts';
import { createSubgraphHandler, type MediaDeps, openDeps, parseConfig } from '../../src/index.ts';
import { seedPolicies } from '../../src/seed.ts';
import { type IntakeConfig, parseIntakeConfig } from '../../src/workers/intake-config.ts';
import { startIntake } from '../../src/workers/start-intake.ts';
import { NORTHLIGHT, TIDEPOOL } from './people.ts';

/** The subgraph over real servers, as the gateway holds it. */
export interface House extends AsyncDisposable {
  readonly parts: TestParts;
  readonly deps: MediaDeps;
  readonly media: SubgraphHandler;
  readonly previewKey: string;
  ask<T>(who: Principal, query: string, variables?: Record<string, unknown>): Promise<Answer<T>>;
  /** The same, of a handler that a test put together. */
  askOf<T>(
    media: SubgraphHandler,
    who: Principal,
    query: string,
    variables?: Record<string, unknown>,
  ): Promise<Answer<T>>;
  /** The URL of a role with the rights of another, which row security does not bind. */
  bypassUrl(role: string): Promise<string>;
  follow(
    who: Principal,
    query: string,
    variables?: Record<string, unknown>,
  ): Promise<AsyncIterable<ExecutionResult> | ExecutionResult>;
  /** Rows as the administrator of the server sees them: what no part may do. */
  sql<Row extends object>(text: string, ...values: unknown[]): Promise<Row[]>;
  /** After a restart of Postgres. */
  reconnect(): Promise<void>;
  intakeConfig(over?: Record<string, string>): IntakeConfig;
  startIntake(over?: Record<string, string>): Promise<AsyncDisposable & { readonly url: string }>;
}

export interface Answer<T> {
  readonly data: T;
  /** Of the first error; undefined when there is none. */
  readonly code: string | undefined;
  readonly errors: ExecutionResult['errors'];
}

const principalKey = randomBytes(32).toString('base64url');
const previewKey = randomBytes(32).toString('base64url');

/** @param names of the parts that the test needs; Postgres comes with them */
export async function openHouse(names: readonly PartName[] = ['postgres', 'redis', 'store', 'clamd']): Promise<House> {
  const parts = await startParts(names);
  const { ground, running } = parts;
  const store = { ASSAY_STORE_URL: running.store?.url ?? 'http://127.0.0.1:9' };
  const deps = await openDeps(
    parseConfig({
      ...store,
      ASSAY_STORE_KEY: 'gateway',
      ASSAY_STORE_SECRET: ground.secrets('store-gateway'),
      ASSAY_DATABASE_URL_MEDIA_APP: databaseUrl(ground, 'media_app'),
      ASSAY_DATABASE_URL_MEDIA_MODERATOR: databaseUrl(ground, 'media_moderator'),
      ASSAY_REDIS_URL: redisUrl(ground, 'gateway'),
      ASSAY_PRINCIPAL_KEY_MEDIA: principalKey,
      ASSAY_PREVIEW_KEY: previewKey,
    }),
    (id, error) => {
      if (id !== 'redis') log.error({ err: error }, id);
    },
  );
  await seedPolicies(databaseUrl(ground, 'assay_owner'), [
    { tenantId: NORTHLIGHT, policy: 'default' },
    { tenantId: TIDEPOOL, policy: 'photographs-only' },
  ]);
  const media = await createSubgraphHandler(deps);
  const sign = createPrincipalSigner(principalKey, 'media');
  const url = new URL(adminUrl(ground));
  url.pathname = '/assay';
  let administrator = await administratorOf(url);

  const intakeConfig = (over: Record<string, string> = {}) =>
    parseIntakeConfig({
      ...store,
      ASSAY_STORE_KEY: 'intake',
      ASSAY_STORE_SECRET: ground.secrets('store-intake'),
      ASSAY_DATABASE_URL_INTAKE_WORKER: databaseUrl(ground, 'intake_worker'),
      ASSAY_REDIS_URL: redisUrl(ground, 'worker'),
      ASSAY_CLAMD: running.clamd?.url ?? 'tcp://127.0.0.1:9',
      ASSAY_PORT: '0',
      ...over,
    });
  const askOf = async <T>(
    handler: SubgraphHandler,
    who: Principal,
    query: string,
    variables: Record<string, unknown> = {},
  ) => {
    const { data, errors } = await handler.execute({ query, variables, principalToken: await sign(who) });
    return { data: data as T, code: errors?.[0]?.extensions['code'] as string | undefined, errors };
  };
  return {
    parts,
    deps,
    media,
    previewKey,
    ask: (who, query, variables) => askOf(media, who, query, variables),
    askOf,
    bypassUrl: async (role) => {
      const name = `${role}_unbound`;
      const known = await administrator.query('select from pg_roles where rolname = $1', [name]);
      if (!known.rowCount)
        await administrator.query(`create role ${name} login bypassrls password 'unbound' in role ${role}`);
      return Object.assign(new URL(url), { username: name, password: 'unbound' }).href;
    },
    follow: async (who, query, variables = {}) =>
      media.subscribe({ query, variables, principalToken: await sign(who) }),
    sql: async (text, ...values) => (await administrator.query(text, values)).rows,
    reconnect: async () => {
      administrator = await administratorOf(url);
    },
    intakeConfig,
    startIntake: (over) => startIntake(intakeConfig(over), log),
    [Symbol.asyncDispose]: async () => {
      await administrator.end();
      await deps[Symbol.asyncDispose]();
      await parts[Symbol.asyncDispose]();
    },
  };
}

async function administratorOf(url: URL): Promise<Client> {
  const client = new Client({ connectionString: url.href });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

export const log = createLog('test');
log.level = process.env['ASSAY_LOG_LEVEL'] ?? 'error';

export const CREATE = /* GraphQL */ `mutation ($input: CreateUploadInput!) {
  createUpload(input: $input) { asset { id state fileName title kind mimeType sizeBytes } form { url expiresAt maxSizeBytes fields { name value } } }
}`;
export const FINALIZE = /* GraphQL */ `mutation ($input: FinalizeUploadInput!) { finalizeUpload(input: $input) { asset { id state } } }`;

export interface Form {
  url: string;
  maxSizeBytes: number;
  fields: { name: string; value: string }[];
}

/** Posts bytes with a form, as a browser does. @returns the store's status */
export async function post(form: Form, bytes: Uint8Array, over: Record<string, string> = {}): Promise<number> {
  const body = new FormData();
  for (const { name, value } of form.fields) body.append(name, over[name] ?? value);
  body.append('file', new Blob([new Uint8Array(bytes)]), 'file');
  const { status } = await fetch(form.url, { method: 'POST', body });
  return status;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The first two steps of an upload. */
export async function uploadOnly(
  house: House,
  who: Principal,
  bytes: Uint8Array,
  contentType: string,
  name = 'photo',
): Promise<string> {
  const input = { title: name, fileName: name, contentType, sizeBytes: bytes.length };
  const { data, errors } = await house.ask<{ createUpload: { asset: { id: string }; form: Form } }>(who, CREATE, {
    input,
  });
  if (errors) throw new Error(JSON.stringify(errors));
  const status = await post(data.createUpload.form, bytes);
  if (status >= 300) throw new Error(`The store answered ${status}.`);
  return data.createUpload.asset.id;
}

/** All three steps of an upload. */
export async function upload(
  house: House,
  who: Principal,
  bytes: Uint8Array,
  contentType: string,
  name = 'photo',
): Promise<string> {
  const assetId = await uploadOnly(house, who, bytes, contentType, name);
  const { errors } = await house.ask(who, FINALIZE, { input: { assetId, sha256: sha256(bytes) } });
  if (errors) throw new Error(JSON.stringify(errors));
  return assetId;
}

/** Looks until it holds. @throws Error with what was seen last */
export async function until<T>(
  look: () => Promise<T>,
  holds: (value: T) => boolean,
  what: string,
  patienceMs = 30_000,
): Promise<T> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const value = await look();
    if (holds(value)) return value;
    if (Date.now() > end) throw new Error(`${what}; last seen: ${JSON.stringify(value)}`);
    await sleep(50);
  }
}

const RESTS = new Set(['READY', 'QUARANTINED', 'REJECTED', 'EXPIRED', 'DELETED']);

/** Waits until an asset comes to rest. @returns its state */
export async function rest(house: House, id: string, patienceMs = 30_000): Promise<string> {
  const look = async () =>
    (await house.sql<{ state: string }>('select state from media.asset where id = $1', id))[0]?.state ?? 'none';
  return until(look, (state) => RESTS.has(state), `Asset ${id} does not come to rest`, patienceMs);
}
