import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningRouter, startRouter } from '../src/router/router.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-router-http-'));
const subgraph = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":{"hello":"world"}}');
});
let router: RunningRouter;

beforeAll(async () => {
  await once(subgraph.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(subgraph.address() as AddressInfo).port}/graphql`;
  const composed = composeServices([{ name: 'one', url, typeDefs: parse('type Query { hello: String }') }]);
  const supergraph = join(folder, 'supergraph.graphql');
  writeFileSync(supergraph, composed.supergraphSdl ?? '');
  router = await startRouter({ supergraph, port: 0, shareInFlight: true, forwardHeaders: [], maxCost: null });
});
afterAll(async () => {
  await router[Symbol.asyncDispose]();
  subgraph.close();
  rmSync(folder, { recursive: true });
});

describe('the router, as GraphQL over HTTP', () => {
  const audits = serverAudits({ url: () => `${router.url}/graphql` });

  it.each(audits.map((audit) => [audit.id, audit.name, audit]))('%s: %s', async (_id, name, audit) => {
    const result = await audit.fn();
    // What a server MAY do it may leave, which is a notice.
    if (result.status !== 'ok')
      expect({ name, status: result.status, reason: result.reason }).toMatchObject({
        name: expect.stringMatching(/^MAY/),
        status: 'notice',
      });
  });
});

describe('operations of a kind that the supergraph has none of', () => {
  const asked = (query: string, accept: string) =>
    fetch(`${router.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify({ query }),
    });
  const refusal = (kind: string) => ({
    errors: [
      {
        message: `This schema has no ${kind}s.`,
        locations: [{ line: 1, column: 1 }],
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      },
    ],
  });

  it.each([
    ['mutation', 'application/json', 200],
    ['mutation', 'application/graphql-response+json', 400],
    ['subscription', 'application/graphql-response+json', 400],
  ])('a %s is refused as %s', async (kind, accept, status) => {
    const answer = await asked(`${kind} { hello }`, accept);
    expect([answer.status, await answer.json()]).toEqual([status, refusal(kind)]);
  });

  it('a subscription is refused as a stream', async () => {
    const answer = await asked('subscription { hello }', 'text/event-stream');
    expect(await answer.text()).toBe(
      `event: next\ndata: ${JSON.stringify(refusal('subscription'))}\n\nevent: complete\ndata: \n\n`,
    );
  });
});
