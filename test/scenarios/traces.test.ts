import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { CREATE_DOWNLOAD, CREATE_UPLOAD, FINALIZE_UPLOAD, FOLLOW, ISSUE_LICENSE } from '../../ops/demo/operations.ts';
import { type Receiver, type SeenSpan, startReceiver } from '../../ops/observability/receiver.ts';
import { drawWaterfall } from '../../ops/observability/waterfall.ts';
import { tokenOf } from '../../ops/run/commands/token.ts';
import { urlsOf } from '../../ops/run/environment.ts';
import { callerOf, startSystem, type TestSystem } from '../system.ts';
import { post, publish, ROCKET, readyAsset, until } from './cast.ts';

const TITLE = 'A title that only its owner knows';
const created = z.object({
  createUpload: z.object({
    asset: z.object({ id: z.string() }),
    form: z.object({ url: z.string(), fields: z.array(z.object({ name: z.string(), value: z.string() })) }),
  }),
});

/** A trace of one's own, as a storefront would begin it. */
function beginTrace() {
  const [id, parentId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { id, parentId, traceparent: `00-${id}-${parentId}-01` };
}

/** Names from the first span of a trace to one of its spans. */
function wayTo(name: string, spans: readonly SeenSpan[]): string[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const way: string[] = [];
  for (let span = spans.find((each) => each.name === name); span; span = byId.get(span.parentId ?? ''))
    way.unshift(`${span.part}: ${span.name}`);
  return way;
}

/** ASSAY_PICTURES=1 renews the picture of the docs: from the finalizing on, without the statements that are not the job's. */
function drawUpload(spans: readonly SeenSpan[]): void {
  const shown = spans.filter(({ attributes, name }) => !('db.query.text' in attributes) || name.includes('enqueue'));
  const finalizing = shown.findLast(({ name }) => name === 'POST graphql')?.startMs ?? 0;
  const file = new URL('../../docs/images/trace.svg', import.meta.url);
  writeFileSync(file, drawWaterfall(shown.filter(({ startMs }) => startMs >= finalizing)));
}

describe('a system whose traces somebody collects', () => {
  let receiver: Receiver;
  let system: TestSystem;
  /** What nobody may read in a trace or a log. */
  const secrets = new Map<string, string>();

  beforeAll(async () => {
    receiver = await startReceiver(0);
    system = await startSystem({
      topology: inject('topology'),
      settings: { all: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ASSAY_LOG_LEVEL: 'debug' } },
    });
    const folder = join(system.ground.stateDir, 'secrets');
    for (const file of readdirSync(folder)) secrets.set(file, readFileSync(join(folder, file), 'utf8').trim());
  }, 240_000);
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
  });

  const signIn = async (email: string) => {
    const token = await tokenOf(system.ground, email);
    secrets.set(`token of ${email}`, token);
    return { authorization: `Bearer ${token}` };
  };
  const ask = async (query: string, variables: object, headers: Record<string, string>): Promise<unknown> => {
    const answer = await fetch(`${urlsOf(system.ground).gateway}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = z.object({ data: z.unknown(), errors: z.unknown().optional() }).parse(await answer.json());
    expect(errors).toBeUndefined();
    return data;
  };
  /** The spans of a trace, once these have come: each process sends its own when it likes. */
  const spansOf = (traceId: string, ...names: readonly string[]) =>
    until(
      async () => receiver.spans().filter((span) => span.traceId === traceId),
      (spans) => names.every((name) => spans.some((span) => span.name.startsWith(name))),
      30_000,
    );
  const logs = () => {
    const folder = join(system.ground.stateDir, 'logs');
    return new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
  };

  it('shows an upload from the door to the database, into the job, and through every stage', async () => {
    const { id, parentId, traceparent } = beginTrace();
    const headers = { ...(await signIn('author@northlight.test')), traceparent };
    const { name: fileName, contentType, bytes } = ROCKET;
    const input = { title: TITLE, fileName, contentType, sizeBytes: bytes.length };
    const { asset, form } = created.parse(await ask(CREATE_UPLOAD, { input }, headers)).createUpload;
    const fields = Object.fromEntries(form.fields.map(({ name, value }) => [name, value]));
    for (const [name, value] of Object.entries(fields)) if (/policy|signature/i.test(name)) secrets.set(name, value);
    secrets.set('title', TITLE);
    expect(await post(form.url, fields, bytes)).toBe(204);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await ask(FINALIZE_UPLOAD, { input: { assetId: asset.id, sha256 } }, headers);

    const spans = await spansOf(id, 'SELECT media.enqueue', 'process tidy');
    expect(spans.filter(({ parentId: parent }) => parent === parentId).map(({ name }) => name)).toEqual([
      'POST graphql',
      'POST graphql',
    ]);
    const toTheSubgraph = ['POST graphql', 'mutation', 'fetch media'].map((name) => `gateway: ${name}`);
    const subgraph = inject('topology') === 'mesh' ? 'media' : 'gateway';
    const intoTheDatabase = [...toTheSubgraph, `${subgraph}: execute media`, `${subgraph}: transaction`];
    expect(wayTo('SELECT media.enqueue', spans)).toEqual([...intoTheDatabase, `${subgraph}: SELECT media.enqueue`]);
    // The job names the transaction that added it.
    for (const stage of ['RECEIVE', 'SNIFF', 'SCAN', 'INSPECT', 'MATCH', 'CLASSIFY', 'DECIDE', 'RENDER', 'PUBLISH'])
      expect(wayTo(`stage ${stage}`, spans)).toEqual([
        ...intoTheDatabase,
        'intake: process intake',
        `intake: stage ${stage}`,
      ]);
    if (process.env['ASSAY_PICTURES']) drawUpload(spans);
    expect(wayTo('plan', spans)).toEqual(['gateway: POST graphql', 'gateway: mutation', 'gateway: plan']);
  });

  it('says what each step is by the names of the semantic conventions', async () => {
    const { id, traceparent } = beginTrace();
    await ask('query Mine { me { displayName } }', {}, { ...(await signIn('author@northlight.test')), traceparent });
    const spans = await spansOf(id, 'POST graphql', 'execute identity', 'SELECT identity.principal_of');
    const attributesOf = (name: string) => spans.find((span) => span.name === name);
    expect(attributesOf('POST graphql')).toMatchObject({
      kind: 'server',
      isFailed: false,
      attributes: { 'http.request.method': 'POST', 'http.route': 'graphql', 'http.response.status_code': 200 },
    });
    expect(attributesOf('query')?.attributes).toMatchObject({
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'Mine',
      'graphql.document.hash': 'other',
    });
    expect(attributesOf('fetch identity')).toMatchObject({
      kind: 'client',
      attributes: { 'subgraph.name': 'identity' },
    });
    const statement = spans.find(({ name }) => name.startsWith('SELECT identity.'));
    expect(statement).toMatchObject({ kind: 'client', attributes: { 'db.system.name': 'postgresql' } });
    expect(statement?.attributes['db.query.text']).toMatch(/^select /i);
    // Who asks is looked up for each request, wherever the sessions are kept.
    const asksWho = spans.find(({ name }) => name === 'SELECT identity.principal_of');
    const lookUp = inject('topology') === 'mesh' ? ['identity: call /sessions/of-bearer'] : [];
    expect(asksWho && wayTo(asksWho.name, spans)[0]).toBe('gateway: POST graphql');
    expect(wayTo('SELECT identity.principal_of', spans)).toEqual(expect.arrayContaining(lookUp));
  });

  it('shows how a stream was opened, and ends there: what is told later is no part of it', async () => {
    const { id, parentId, traceparent } = beginTrace();
    const author = await callerOf(system.ground, 'author@northlight.test');
    const assetId = await readyAsset(author);
    const leaving = new AbortController();
    const stream = await fetch(`${urlsOf(system.ground).gateway}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        traceparent,
        ...(await signIn('author@northlight.test')),
      },
      body: JSON.stringify({ query: FOLLOW, variables: { assetId } }),
      signal: leaving.signal,
    });
    const spans = await spansOf(id, 'live operation', 'plan', 'fetch media');
    expect(spans.find(({ name }) => name === 'live operation')).toMatchObject({ parentId, kind: 'server' });
    expect(wayTo('fetch media', spans)).toEqual(['gateway: live operation', 'gateway: fetch media']);
    leaving.abort();
    await stream.text().catch(() => undefined);
  });

  it('shows a redemption at the edge and its way into the audit trail, and never the grant', async () => {
    const author = await callerOf(system.ground, 'author@northlight.test');
    const assetId = await readyAsset(author);
    await publish(author, assetId, 'MARKETPLACE');
    const buyer = await signIn('buyer@tidepool.test');
    const { me } = z
      .object({ me: z.object({ tenant: z.object({ id: z.string() }) }) })
      .parse(await ask('{ me { tenant { id } } }', {}, buyer));
    const license = { assetId, tenantId: me.tenant.id, seats: 1 };
    const { issueLicense } = z
      .object({ issueLicense: z.object({ key: z.string() }) })
      .parse(await ask(ISSUE_LICENSE, { input: license }, await signIn('author@northlight.test')));
    secrets.set('license key', issueLicense.key);
    // Wrong, and written into the document itself: a refusal says nothing of it either.
    secrets.set('mistyped key', `${issueLicense.key.slice(0, -3)}xyz`);
    const inline = `mutation { createDownload(input: { assetId: "${assetId}", licenseKey: "${secrets.get('mistyped key')}" }) { url } }`;
    await expect(ask(inline, {}, buyer)).rejects.toThrow();
    const { createDownload } = z
      .object({ createDownload: z.object({ url: z.string() }) })
      .parse(await ask(CREATE_DOWNLOAD, { input: { assetId, licenseKey: issueLicense.key } }, buyer));
    const { id, parentId, traceparent } = beginTrace();
    const spent = await fetch(createDownload.url, { redirect: 'manual', headers: { traceparent } });
    expect(spent.status).toBe(303);
    const lease = spent.headers.get('location') ?? '';
    secrets.set('grant', createDownload.url.split('/d/')[1] ?? '');
    secrets.set('lease', lease.split('/')[2] ?? '');
    await (await fetch(new URL(lease, createDownload.url), { headers: { traceparent } })).arrayBuffer();

    const spans = await spansOf(id, 'GET /l/{lease}/{name}', 'process redemption');
    expect(spans.find(({ name }) => name === 'GET /d/{grant}')).toMatchObject({
      part: 'edge',
      parentId,
      attributes: { 'http.response.status_code': 303 },
    });
    expect(wayTo('SELECT compliance.record_redemption', spans)).toEqual([
      'edge: GET /d/{grant}',
      'edge: spend grant',
      'redemptions: process redemption',
      'redemptions: SELECT compliance.record_redemption',
    ]);
  });

  it('names request and trace in each line that is written for it, in whichever process', async () => {
    const { id, traceparent } = beginTrace();
    const requestId = `asks-without-database-${randomBytes(4).toString('hex')}`;
    const owner = await signIn('admin@northlight.test');
    await system.kill('postgres');
    // A visitor's question fails in its subgraph, a member's where it is found out who he is.
    for (const who of [{}, owner]) {
      const answer = await fetch(`${urlsOf(system.ground).gateway}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', traceparent, 'x-request-id': requestId, ...who },
        body: JSON.stringify({ query: '{ assets(first: 1) { edges { node { id } } } }' }),
      });
      expect(answer.headers.get('x-request-id')).toBe(requestId);
      await answer.arrayBuffer();
    }
    const line = z.object({ requestId: z.string().optional(), trace_id: z.string().optional() });
    const lines = [...logs().values()]
      .flatMap((text) => text.split('\n'))
      .filter((each) => each.includes(requestId))
      .map((each) => line.parse(JSON.parse(each)));
    expect(lines.length).toBeGreaterThan(1);
    for (const each of lines) expect(each).toEqual({ requestId, trace_id: id });
  });

  it('keeps every secret of the run out of traces and logs', () => {
    const told = [['the traces', JSON.stringify(receiver.spans())], ...logs()] as const;
    expect(secrets.size).toBeGreaterThan(20);
    const leaks = told.flatMap(([where, text]) =>
      [...secrets]
        .filter(([, value]) => value.length > 7 && text.includes(value))
        .map(([name]) => `${name} in ${where}`),
    );
    expect(leaks).toEqual([]);
  });
});
