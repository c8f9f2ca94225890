import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../ops/demo/client.ts';
import { urlsOf } from '../../ops/run/environment.ts';
import { sharedGround } from '../ground.ts';
import { type Cast, castOf, readyAsset } from './cast.ts';

const ground = sharedGround();
const ANY = '01977a00-0000-7000-8000-00000000dead';

/** What makes a parser of some other language do something. */
const TEXTS = [
  "'; drop table media.asset; --",
  "' or '1'='1",
  '1); select pg_sleep(10); --',
  "\\'; copy (select 1) to program 'id'; --",
  '" } } mutation { deleteAsset(input: { assetId: "x" }) { asset { id } } } #',
  '{ __schema { types { name } } }',
  '${7*7}{{7*7}}<%= 7*7 %>',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '%00%0d%0aSet-Cookie:%20a=b',
  '\0\u0001\u001b[31m',
  '\uD800',
  '../../../../etc/passwd',
  '\u202Etxt.exe',
  `{"$gt": ""}`,
  'x'.repeat(10_000),
];

/** Every argument of the schema that takes a text: who may ask, and the operation with the text as `$text`. */
const FIELDS: Readonly<Record<string, readonly [keyof Cast, string]>> = {
  'asset.id': ['author', 'query ($text: ID!) { asset(id: $text) { id } }'],
  'assets.after': ['author', 'query ($text: String!) { assets(after: $text) { edges { cursor } } }'],
  'quarantine.after': ['moderator', 'query ($text: String!) { quarantine(after: $text) { edges { cursor } } }'],
  'license.id': ['buyer', 'query ($text: ID!) { license(id: $text) { id } }'],
  'auditEntries.after': ['security', 'query ($text: String!) { auditEntries(after: $text) { edges { cursor } } }'],
  'auditEntries.filter.action': [
    'security',
    'query ($text: String!) { auditEntries(filter: { action: $text }) { edges { cursor } } }',
  ],
  'auditEntries.filter.subject': [
    'security',
    'query ($text: String!) { auditEntries(filter: { subject: $text, actor: $text }) { edges { cursor } } }',
  ],
  'privilegedAccessRequests.after': [
    'security',
    'query ($text: String!) { privilegedAccessRequests(after: $text) { edges { cursor } } }',
  ],
  'createUpload.title': [
    'author',
    'mutation ($text: String!) { createUpload(input: { title: $text, fileName: "x.jpg", contentType: "image/jpeg", sizeBytes: 1 }) { asset { id title } } }',
  ],
  'createUpload.fileName': [
    'author',
    'mutation ($text: String!) { createUpload(input: { title: "x", fileName: $text, contentType: "image/jpeg", sizeBytes: 1 }) { asset { id fileName } } }',
  ],
  'createUpload.contentType': [
    'author',
    'mutation ($text: String!) { createUpload(input: { title: "x", fileName: "x.jpg", contentType: $text, sizeBytes: 1 }) { asset { id } } }',
  ],
  'finalizeUpload.assetId': [
    'author',
    `mutation ($text: ID!) { finalizeUpload(input: { assetId: $text, sha256: "${'0'.repeat(64)}" }) { asset { id } } }`,
  ],
  'finalizeUpload.sha256': [
    'author',
    `mutation ($text: String!) { finalizeUpload(input: { assetId: "${ANY}", sha256: $text }) { asset { id } } }`,
  ],
  'moderateAsset.reason': [
    'moderator',
    `mutation ($text: String!) { moderateAsset(input: { assetId: "${ANY}", verdict: REJECT, reason: $text }) { asset { id } } }`,
  ],
  'moderateAsset.assetId': [
    'moderator',
    'mutation ($text: ID!) { moderateAsset(input: { assetId: $text, verdict: REJECT, reason: "x" }) { asset { id } } }',
  ],
  'publishAsset.assetId': [
    'author',
    'mutation ($text: ID!) { publishAsset(input: { assetId: $text, visibility: PRIVATE }) { asset { id } } }',
  ],
  'deleteAsset.assetId': [
    'author',
    'mutation ($text: ID!) { deleteAsset(input: { assetId: $text }) { asset { id } } }',
  ],
  'issueLicense.assetId': [
    'author',
    `mutation ($text: ID!) { issueLicense(input: { assetId: $text, tenantId: "${ANY}" }) { key } }`,
  ],
  'issueLicense.tenantId': [
    'author',
    `mutation ($text: ID!) { issueLicense(input: { assetId: "${ANY}", tenantId: $text }) { key } }`,
  ],
  'createDownload.assetId': ['buyer', 'mutation ($text: ID!) { createDownload(input: { assetId: $text }) { url } }'],
  'createDownload.licenseKey': [
    'buyer',
    `mutation ($text: String!) { createDownload(input: { assetId: "${ANY}", licenseKey: $text }) { url } }`,
  ],
  'requestPrivilegedAccess.reason': [
    'security',
    'mutation ($text: String!) { requestPrivilegedAccess(input: { scope: AUDIT_READ, reason: $text, minutes: 1 }) { request { id reason } } }',
  ],
  'approvePrivilegedAccess.requestId': [
    'moderator',
    'mutation ($text: ID!) { approvePrivilegedAccess(input: { requestId: $text }) { request { id } } }',
  ],
  'revokePrivilegedAccess.requestId': [
    'security',
    'mutation ($text: ID!) { revokePrivilegedAccess(input: { requestId: $text }) { request { id } } }',
  ],
  'revokeSession.sessionId': [
    'author',
    'mutation ($text: ID!) { revokeSession(input: { sessionId: $text }) { session { id } } }',
  ],
};

/** Answers and refusals that say what is wrong; never a masked failure, which would be a text that reached too far. */
const CALM = new Set(['ok', 'NOT_FOUND', 'BAD_USER_INPUT', 'FORBIDDEN', 'INVALID_STATE']);

describe('a text in', () => {
  let cast: Cast;
  let witness: string;
  beforeAll(async () => {
    cast = await castOf(ground);
    witness = await readyAsset(cast.author);
  });

  it.each(Object.entries(FIELDS))('%s is a text and nothing else', async (_field, [who, operation]) => {
    const outcomes: string[] = [];
    for (const text of TEXTS) {
      const from = Date.now();
      const outcome = await outcomeOf(cast[who], operation, text);
      if (!CALM.has(outcome)) outcomes.push(`${JSON.stringify(text.slice(0, 40))}: ${outcome}`);
      expect(Date.now() - from).toBeLessThan(5_000);
    }
    expect(outcomes).toEqual([]);
    const { asset } = await cast.author.ask<{ asset: { state: string } }>(`{ asset(id: "${witness}") { state } }`);
    expect(asset.state).toBe('READY');
  });

  it('the address, or a header, is one too', async () => {
    const gateway = urlsOf(ground).gateway;
    for (const text of TEXTS) {
      const answer = await fetch(`${gateway}/graphql?query=${encodeURIComponent(text.toWellFormed())}`, {
        headers: {
          'apollo-require-preflight': '1',
          'x-request-id': encodeURIComponent(text.toWellFormed()).slice(0, 500),
        },
      });
      expect(answer.status).toBeLessThan(500);
      await answer.arrayBuffer();
    }
  });
});

describe('a large document', () => {
  const post = (body: object) =>
    fetch(`${urlsOf(ground).gateway}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  const LARGE = {
    'a megabyte of one query': `{ me { ${'id '.repeat(350_000)} } }`,
    'a megabyte of aliases': `{ ${Array.from({ length: 40_000 }, (_, at) => `a${at}: me { id }`).join(' ')} }`,
    'a megabyte of nesting': `${'{ me '.repeat(200_000)}`,
    'a megabyte of text': `{ asset(id: "${'x'.repeat(1_050_000)}") { id } }`,
    'fragments that grow': `{ ...a0 } ${Array.from({ length: 60 }, (_, at) => `fragment a${at} on Query { ...a${at + 1} ...a${at + 1} }`).join(' ')} fragment a60 on Query { me { id } }`,
  };
  it.each(Object.entries(LARGE))('%s is refused at once, and nobody waits for it', async (_what, query) => {
    const from = Date.now();
    const [answer, other] = await Promise.all([post({ query }), post({ query: '{ me { id } }' })]);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    const { errors } = (await answer.json()) as { errors: { extensions: { code: string } }[] };
    expect(errors[0]?.extensions.code).toMatch(/^(TOO_COMPLEX|GRAPHQL_PARSE_FAILED|GRAPHQL_VALIDATION_FAILED)$/);
    expect(other.status).toBe(200);
    expect(Date.now() - from).toBeLessThan(2_000);
  });

  it('of variables is refused too', async () => {
    const query = 'query ($id: ID!) { asset(id: $id) { id } }';
    const answer = await post({ query, variables: { id: randomUUID(), more: 'x'.repeat(2_000_000) } });
    expect(answer.status).toBe(413);
  });
});

async function outcomeOf(caller: Caller, operation: string, text: string): Promise<string> {
  return caller.ask(operation, { text }).then(
    () => 'ok',
    (error: { response?: { errors?: { extensions?: { code?: string } }[]; status?: number } }) =>
      error.response?.errors?.[0]?.extensions?.code ?? `${error.response?.status ?? ''} ${String(error)}`,
  );
}
