import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { anonymous, createPrincipalSigner } from '@assay/principal';
import { meshNameOf } from '@assay/subgraph/mesh';
import { Pool } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logOf, startChild } from '../../ops/run/child.ts';
import { environmentOf, SUBGRAPHS, type SubgraphName, urlsOf } from '../../ops/run/environment.ts';
import { credentialsOf } from '../../ops/run/parts/authority.ts';
import { sharedGround } from '../ground.ts';

const ground = sharedGround();

/** A second process of a subgraph, at a port of its own, as somebody starts it who needs two. */
async function startReplica(name: SubgraphName) {
  const log = logOf(ground.stateDir, `${name}-replica`);
  const readyUrl = () => /^\{"msg":"ready".*"url":"([^"]+)"/m.exec(readFileSync(log, 'utf8'))?.[1];
  const { stop } = await startChild({
    ...ground,
    name: `${name}-replica`,
    command: process.execPath,
    args: ['--import', 'tsx', join(ground.root, 'subgraphs', name, 'src', 'main.ts')],
    cwd: ground.root,
    env: { ...environmentOf(ground, name), ASSAY_PORT: '0' },
    url: '',
    isReady: () => readyUrl() !== undefined,
    patienceMs: 60_000,
    graceMs: 6_000,
  });
  return { url: readyUrl() ?? '', stop };
}

/** Asks as whoever has the gateway's certificate, with a token that was heard on the way. */
function connect(name: SubgraphName, url: string) {
  const read = (file: string) => readFileSync(join(credentialsOf(ground, 'gateway'), file), 'utf8');
  const tls = { cert: read('tls.crt'), key: read('tls.key'), ca: read('ca.crt'), servername: meshNameOf(name) };
  const pool = new Pool(url, { connect: tls, connections: 1 });
  return {
    close: () => pool.destroy(),
    ask: async (query: string, token: string) => {
      const { body } = await pool.request({
        path: '/graphql',
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query }),
      });
      return body.json();
    },
  };
}

const CHANGE = 'mutation { __typename }';
const CHANGED = { data: { __typename: 'Mutation' } };

describe.each(SUBGRAPHS)('a second process of %s', (name) => {
  let replica: Awaited<ReturnType<typeof startReplica>>;
  beforeAll(async () => {
    replica = await startReplica(name);
  });
  afterAll(() => replica?.stop());

  it('changes nothing with a token that the first was sent, nor the first with one of its own', async () => {
    const sign = createPrincipalSigner(ground.secrets(`principal-key-${name}`), name);
    const first = connect(name, urlsOf(ground).subgraphs[name]);
    const second = connect(name, replica.url);
    try {
      for (const [one, other] of [
        [first, second],
        [second, first],
      ] as const) {
        const token = await sign(anonymous('heard-on-the-way', null));
        expect(await one.ask(CHANGE, token)).toEqual(CHANGED);
        expect(await other.ask(CHANGE, token)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
        expect(await other.ask('{ __typename }', token)).toEqual({ data: { __typename: 'Query' } });
      }
    } finally {
      await Promise.all([first.close(), second.close()]);
    }
  });
});
