import { createHash } from 'node:crypto';
import { mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import { createClient } from 'graphql-ws';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { redisUrl } from '../../ops/run/parts/redis.ts';
import { redisEyesUrl, startParts, type TestParts } from '../../test/parts.ts';
import { createRedisDocuments } from '../src/persisted/automatic.ts';
import { readManifest } from '../src/persisted/manifest.ts';
import { type DoorsHouse, startDoorsHouse } from './doors-house.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const LISTED = 'query Listed($id: ID!) { thing(id: $id) { title } }';
const STREAM = 'subscription Stream { changes { title } }';
const FREE = '{ whoAsks }';
const MANIFEST = new Map([LISTED, STREAM].map((text) => [sha256(text), text]));
const ID = `sha256:${sha256(LISTED)}`;

let parts: TestParts;
let redis: Redis;
let eyes: Redis;
let house: DoorsHouse;
let closed: DoorsHouse;
const reported: string[] = [];
const report = (what: string) => void reported.push(what);
beforeAll(async () => {
  parts = await startParts(['redis']);
  redis = new Redis(redisUrl(parts.ground, 'limits'), { maxRetriesPerRequest: 1, enableOfflineQueue: false });
  redis.on('error', () => undefined);
  await new Promise((resolve) => redis.once('ready', resolve));
  eyes = new Redis(redisEyesUrl(parts.ground));
  eyes.on('error', () => undefined);
  const automatic = createRedisDocuments(redis, { maxDocumentBytes: 200, maxBytes: 500, ttlMs: 60_000 });
  house = await startDoorsHouse({ persisted: { manifest: MANIFEST, automatic, onlyListed: false, report } });
  closed = await startDoorsHouse({ persisted: { manifest: MANIFEST, automatic, onlyListed: true, report } });
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await closed[Symbol.asyncDispose]();
  redis.disconnect();
  eyes.disconnect();
  await parts[Symbol.asyncDispose]();
});
beforeEach(() => eyes.flushall());

interface Asked {
  readonly query?: string;
  readonly documentId?: string;
  readonly variables?: Record<string, unknown>;
  readonly extensions?: Record<string, unknown>;
}

/** The first answer of each door to the same request. */
const DOORS: readonly [name: string, ask: (at: DoorsHouse, asked: Asked) => Promise<string>][] = [
  ['POST', async (at, asked) => (await at.post(asked)).text],
  [
    'GET',
    async (at, { query, documentId, variables, extensions }) => {
      const search = new URLSearchParams({
        ...(query === undefined ? {} : { query }),
        ...(documentId === undefined ? {} : { documentId }),
        ...(variables ? { variables: JSON.stringify(variables) } : {}),
        ...(extensions ? { extensions: JSON.stringify(extensions) } : {}),
      });
      return (await at.get(`/graphql?${search}`)).text;
    },
  ],
  ['Server-Sent Events', async (at, asked) => (await at.post(asked, { accept: 'text/event-stream' })).text],
  [
    'WebSocket',
    async (at, asked) => {
      const client = createClient({ url: `${at.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
      try {
        return await new Promise<string>((resolve) => {
          const told = (value: unknown) => resolve(JSON.stringify(value));
          client.subscribe({ query: '', ...asked }, { next: told, error: told, complete: () => undefined });
        });
      } finally {
        await client.dispose();
      }
    },
  ],
];
const apq = (text: string, query?: string): Asked => ({
  ...(query === undefined ? {} : { query }),
  extensions: { persistedQuery: { version: 1, sha256Hash: sha256(text) } },
});

describe.each(DOORS)('by %s', (_door, ask) => {
  it('a document is known by its identifier', async () => {
    const answer = await ask(house, { documentId: ID, variables: { id: 't1' } });
    expect(answer).toContain('{"data":{"thing":{"title":"Thing 1"}}}');
  });

  it.each([
    ['that nothing is kept under', `sha256:${sha256('x')}`, 'PERSISTED_QUERY_NOT_FOUND'],
    ['of a kind that nobody has given', 'x-mine:abc', 'PERSISTED_QUERY_NOT_FOUND'],
    ['of digits in upper case', ID.toUpperCase(), 'PERSISTED_QUERY_NOT_FOUND'],
    ['that is none', '../../etc/passwd', 'BAD_USER_INPUT'],
  ])('an identifier %s is refused with one error', async (_name, documentId, code) => {
    const answer = await ask(house, { documentId, variables: { id: 't1' } });
    expect(answer).toContain(`"code":"${code}"`);
    expect(answer.match(/"code"/g)).toHaveLength(1);
  });

  it('an identifier of another text is refused, and nothing of it runs', async () => {
    const answer = await ask(house, { documentId: ID, query: FREE });
    expect(answer).toContain('The identifier of the document is not that of its text.');
    expect(answer).not.toContain('"data":{');
  });

  it('a document is asked by its hash, registered with its text, and known by its hash', async () => {
    const text = `{ whoAsks } # ${Math.random()}`;
    const first = await ask(house, apq(text));
    expect(first).toContain('"message":"PersistedQueryNotFound"');
    expect(first).toContain('"code":"PERSISTED_QUERY_NOT_FOUND"');
    expect(await ask(house, apq(text, text))).toContain('{"data":{"whoAsks":null}}');
    await expect.poll(() => eyes.hget('apq:texts', sha256(text))).toBe(text);
    expect(await ask(house, apq(text))).toContain('{"data":{"whoAsks":null}}');
  });

  it('no document is registered under the hash of another', async () => {
    const answer = await ask(house, apq('{ harmless }', FREE));
    expect(answer).toContain('"code":"BAD_USER_INPUT"');
    expect(await eyes.exists('apq:texts')).toBe(0);
  });

  it('no document is registered that does not run', async () => {
    const text = '{ nothing { like } that }';
    expect(await ask(house, apq(text, text))).toContain('GRAPHQL_VALIDATION_FAILED');
    expect(await eyes.exists('apq:texts')).toBe(0);
  });

  it('a document that is too large runs, and is not kept', async () => {
    const text = `{ whoAsks } # ${'x'.repeat(200)}`;
    expect(await ask(house, apq(text, text))).toContain('"data":{"whoAsks":null}');
    expect(await eyes.exists('apq:texts')).toBe(0);
  });

  it('only what is listed is answered where that is so', async () => {
    const refused = '"code":"PERSISTED_QUERY_NOT_FOUND"';
    expect(await ask(closed, { query: FREE })).toContain(refused);
    expect(await ask(closed, apq(FREE, FREE))).toContain(refused);
    expect(await ask(closed, { query: '{ __schema { types { name } } }' })).toContain(refused);
    expect(await ask(closed, { documentId: ID, variables: { id: 't1' } })).toContain('Thing 1');
    expect(await ask(closed, { query: LISTED, variables: { id: 't1' } })).toContain('Thing 1');
    expect(await eyes.exists('apq:texts')).toBe(0);
  });
});

describe('a document that is kept', () => {
  it('has the statuses that clients and caches know', async () => {
    expect((await house.post({ documentId: `sha256:${sha256('x')}` })).status).toBe(404);
    const invitation = await house.post(apq('x'));
    expect([invitation.status, invitation.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect((await house.post({ extensions: { persistedQuery: { version: 2, sha256Hash: '00' } } })).status).toBe(400);
  });

  it('changes nothing by GET either', async () => {
    const text = 'mutation { rename(id: "t3", title: "stolen") { title } }';
    const answer = await house.get(
      `/graphql?${new URLSearchParams({ query: text, extensions: JSON.stringify(apq(text).extensions) })}`,
    );
    expect(answer.status).toBe(405);
    expect((await house.post({ query: '{ thing(id: "t3") { title } }' })).text).toContain('Thing 3');
  });

  it('streams by its identifier', async () => {
    const client = createClient({ url: `${house.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
    const next = new Promise((resolve) => {
      const asked = { query: '', documentId: `sha256:${sha256(STREAM)}` };
      client.subscribe(asked, { next: resolve, error: resolve, complete: () => undefined });
    });
    await expect.poll(() => house.streams()).toBe(1);
    house.emit('t1');
    expect(await next).toEqual({ data: { changes: { title: 'Thing 1' } } });
    await client.dispose();
  });

  it('is known to other gateways, and no more than fits is kept: the oldest go', async () => {
    const texts = Array.from({ length: 12 }, (_, n) => `{ whoAsks } # ${String(n).padStart(2, '0')} ${'x'.repeat(60)}`);
    for (const text of texts) await house.post(apq(text, text));
    const [newest = '', oldest = ''] = [texts.at(-1), texts[0]];
    await expect.poll(() => eyes.hexists('apq:texts', sha256(newest))).toBe(1);
    const kept = await eyes.hvals('apq:texts');
    expect(kept.join('').length).toBeLessThanOrEqual(500);
    expect(Number(await eyes.get('apq:bytes'))).toBe(kept.join('').length);
    expect(await eyes.zcard('apq:used')).toBe(kept.length);
    const automatic = createRedisDocuments(redis);
    await using other = await startDoorsHouse({
      persisted: { manifest: new Map(), automatic, onlyListed: false, report },
    });
    expect((await other.post(apq(newest))).json).toEqual({ data: { whoAsks: null } });
    expect((await other.post(apq(oldest))).json.errors?.[0]?.message).toBe('PersistedQueryNotFound');
  });

  it('ends when nobody uses it', async () => {
    const automatic = createRedisDocuments(redis, { maxDocumentBytes: 200, maxBytes: 500, ttlMs: 150 });
    await automatic.write(sha256(FREE), FREE);
    expect(await automatic.read(sha256(FREE))).toBe(FREE);
    await expect.poll(() => eyes.exists('apq:texts', 'apq:used', 'apq:bytes')).toBe(0);
    expect(await automatic.read(sha256(FREE))).toBeNull();
  });

  it('is what its hash says, whatever somebody wrote into Redis', async () => {
    const automatic = createRedisDocuments(redis);
    await automatic.write(sha256('{ mine }'), FREE);
    const answer = await house.post(apq('{ mine }'));
    expect(answer.json.errors?.[0]?.message).toBe('PersistedQueryNotFound');
  });

  it('is waited for once while Redis says nothing, and then not for a moment', async () => {
    const options = { maxRetriesPerRequest: 1, enableOfflineQueue: false, enableReadyCheck: false };
    const hasty = new Redis(redisUrl(parts.ground, 'limits'), { ...options, commandTimeout: 500 });
    hasty.on('error', () => undefined);
    await new Promise((resolve) => hasty.once('ready', resolve));
    const automatic = createRedisDocuments(hasty);
    await using other = await startDoorsHouse({
      persisted: { manifest: new Map(), automatic, onlyListed: false, report },
    });
    await eyes.client('PAUSE', 2_500, 'ALL');
    const from = performance.now();
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      expect((await other.post(apq(`{ ${name} }`))).json.errors?.[0]?.message).toBe('PersistedQueryNotFound');
      const text = `{ ${name}: whoAsks }`;
      expect((await other.post(apq(text, text))).json.data).toEqual({ [name]: null });
    }
    expect(performance.now() - from).toBeLessThan(1_200);
    await eyes.ping();
    hasty.disconnect();
  }, 10_000);

  it('is not missed while Redis is away: its text runs', async () => {
    await parts.kill('redis');
    reported.length = 0;
    const text = '{ whoAsks } # away';
    expect((await house.post(apq(text))).json.errors?.[0]?.message).toBe('PersistedQueryNotFound');
    expect((await house.post(apq(text, text))).json).toEqual({ data: { whoAsks: null } });
    expect(reported).toContain('a document could not be looked up');
    await parts.restart('redis');
    await expect.poll(() => redis.status, { timeout: 10_000 }).toBe('ready');
  }, 30_000);
});

describe('the manifest', () => {
  const file = new URL('../../codegen/persisted-documents.json', import.meta.url).pathname;

  it('holds what our own clients ask, and all of it fits the schema', () => {
    const schema = buildSchema(readFileSync(new URL('../../codegen/schema.graphql', import.meta.url), 'utf8'));
    const manifest = readManifest(file);
    expect(manifest.size).toBeGreaterThan(30);
    for (const text of manifest.values()) expect(validate(schema, parse(text))).toEqual([]);
  });

  it('is refused when a text is not its identifier’s', () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'assay-manifest-'));
    const bent = join(folder.path, 'manifest.json');
    writeFileSync(bent, JSON.stringify({ [ID]: FREE }));
    expect(() => readManifest(bent)).toThrowError('is not the identifier of its text');
  });
});
