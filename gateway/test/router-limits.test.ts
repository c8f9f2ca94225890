import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseRouterOptions } from '../src/router/options.ts';
import { type RunningRouter, startRouter } from '../src/router/router.ts';

const SDL = 'type Query { one: One } type One { name: String one: One }';

describe('a router with limits of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-router-limits-'));
  let router: RunningRouter;

  beforeAll(async () => {
    const file = join(folder, 'supergraph.graphql');
    // Nobody listens there: what is refused is asked of nobody.
    const sources = [{ name: 'ones', url: 'http://127.0.0.1:9/graphql', typeDefs: parse(SDL) }];
    writeFileSync(file, composeServices(sources).supergraphSdl ?? '');
    const limits = [
      '--max-depth',
      '3',
      '--max-aliases',
      '2',
      '--max-root-fields',
      '1',
      '--max-operations',
      '1',
      '--max-fragments',
      '1',
    ];
    const options = parseRouterOptions(['--supergraph', file, '--port', '0', ...limits]);
    if (!options) throw new Error('That was help.');
    router = await startRouter(options);
  });
  afterAll(async () => {
    await router[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  const ask = async (query: string) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${router.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
    return (await answer.json()) as { errors: { message: string; extensions: Record<string, unknown> }[] };
  };

  it.each([
    ['fields within fields', '{ one { one { one { name } } } }', { name: 'depth', maximum: 3, value: 4 }],
    ['aliases', '{ one { a: name b: name c: name } }', { name: 'aliases', maximum: 2, value: 3 }],
    ['fields at the root', '{ one { name } a: one { name } }', { name: 'rootFields', maximum: 1, value: 2 }],
    ['operations', 'query A { one { name } } query B { one { name } }', { name: 'operations', maximum: 1, value: 2 }],
    [
      'fragments',
      '{ one { ...A ...B } } fragment A on One { name } fragment B on One { name }',
      { name: 'fragments', maximum: 1, value: 2 },
    ],
  ])('refuses more %s', async (_what, query, limit) => {
    const [error] = (await ask(query)).errors;
    expect(error?.extensions).toMatchObject({ code: 'TOO_COMPLEX', limit });
  });

  it('asks for what is within them', async () => {
    const [error] = (await ask('{ one { one { a: name b: name } } }')).errors;
    expect(error?.extensions).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
  });

  it('sends whoever brings files to a store, and names nothing that is not in its schema', async () => {
    const form = new FormData();
    form.set('operations', '{"query":"{ one { name } }"}');
    const answer = await fetch(`${router.url}/graphql`, { method: 'POST', body: form });
    const text = await answer.text();
    expect(answer.status).toBe(400);
    expect(text).toContain('Files are not taken here. Send them to a store.');
    expect(text).not.toContain('createUpload');
  });

  it.each(['0', '-1', 'many', '1.5'])('is not started with a depth of %s', (depth) => {
    const args = ['--supergraph', 'x', '--port', '0', `--max-depth=${depth}`];
    expect(() => parseRouterOptions(args)).toThrow('--max-depth is a whole number above 0');
  });
});
