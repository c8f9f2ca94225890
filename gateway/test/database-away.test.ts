import { buildSubgraphSchema } from '@apollo/subgraph';
import { openDatabase } from '@assay/compliance';
import { createPrincipalSigner, createPrincipalVerifier, type Principal } from '@assay/principal';
import {
  createSubgraphHandler,
  type DatabaseSession,
  openDatabaseSession,
  type SubgraphHandler,
} from '@assay/subgraph';
import { parse } from 'graphql';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { databaseUrl } from '../../ops/run/parts/database.ts';
import { startParts, type TestParts } from '../../test/parts.ts';
import { composeSupergraph } from '../src/compose.ts';
import { createEngine, createHivePlanner } from '../src/engine/index.ts';
import { callerOf, createLocalTransport } from '../src/transport.ts';
import { type DoorsHouse, startDoorsHouse } from './doors-house.ts';

const SDL = `type Query { now: String  nap: String } type Mutation { touch: String }
  type Subscription { ticks(after: String): Tick! } type Tick { cursor: String!  n: Int! }`;
const KEY = Buffer.alloc(32, 'clock').toString('base64url');

type Database = ReturnType<typeof openDatabase>;
type Tx = Parameters<Parameters<Database['$transaction']>[0]>[0];
interface Context {
  readonly principal: Principal;
  readonly rows: DatabaseSession<Tx>;
}

/** A subgraph that asks the database for everything, and counts what its streams have told. */
function openClock(database: Database, report: (error: unknown) => void): SubgraphHandler {
  const ask = async (tx: Tx) => String((await tx.$queryRaw<{ now: string }[]>`select now()::text`)[0]?.now);
  const nap = async (tx: Tx) => String(await tx.$queryRaw`select pg_sleep(10)::text`);
  async function* ticks(_root: unknown, { after }: { readonly after?: string }, { rows }: Context) {
    for (let n = Number(after ?? 0) + 1; ; n += 1) {
      await rows.read(ask);
      await rows.end();
      yield { cursor: String(n), n };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  const read =
    (work: typeof ask) =>
    (_root: unknown, _args: unknown, { rows }: Context) =>
      rows.read(work);
  return createSubgraphHandler<Context>({
    name: 'clock',
    schema: buildSubgraphSchema([
      {
        typeDefs: parse(SDL),
        resolvers: {
          Query: { now: read(ask), nap: read(nap) },
          Mutation: { touch: (_root: unknown, _args: unknown, { rows }: Context) => rows.write(ask) },
          Subscription: { ticks: { subscribe: ticks, resolve: (tick: unknown) => tick } },
        },
      },
    ]),
    verifyPrincipal: createPrincipalVerifier(KEY, 'clock'),
    openScope: (principal, time) => {
      const rows = openDatabaseSession<Tx>(database, principal, time);
      return { context: { principal, rows }, end: () => rows.end() };
    },
    report: (_id, error) => report(error),
    health: async () => ({}),
  });
}

describe('while the database is away', () => {
  let stack: AsyncDisposableStack;
  let parts: TestParts;
  let house: DoorsHouse;
  let reported: unknown[];
  beforeEach(async () => {
    stack = new AsyncDisposableStack();
    parts = stack.use(await startParts(['postgres']));
    const database = stack.use(openDatabase(databaseUrl(parts.ground, 'compliance_app')));
    reported = [];
    const local = createLocalTransport(
      openClock(database, (error) => reported.push(error)),
      createPrincipalSigner(KEY, 'clock'),
    );
    const supergraphSdl = composeSupergraph({ clock: SDL });
    const engine = createEngine({
      supergraphSdl,
      planner: createHivePlanner(supergraphSdl),
      transports: { clock: local },
      callerOf,
    });
    house = stack.use(await startDoorsHouse({ supergraphSdl, engine }));
  }, 60_000);
  afterEach(() => stack[Symbol.asyncDispose]());

  const codeOf = async (query: string) => (await house.post({ query })).json.errors?.[0]?.extensions?.['code'] ?? null;

  /** A stream over a socket of its own, and what became of it. */
  const follow = async () => {
    const socket = new WebSocket(`${house.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    stack.defer(() => socket.terminate());
    const got: { readonly type: string; readonly payload?: { readonly errors?: unknown } }[] = [];
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    const say = (message: object) => socket.send(JSON.stringify(message));
    socket.on('open', () => say({ type: 'connection_init' }));
    socket.on('message', (data) => {
      const message = JSON.parse(String(data));
      got.push(message);
      if (message.type === 'connection_ack')
        say({ id: '1', type: 'subscribe', payload: { query: 'subscription { ticks { n } }' } });
    });
    await expect.poll(() => got.filter(({ type }) => type === 'next').length).toBeGreaterThan(1);
    return { got, closed };
  };

  it('questions and changes say that something is away, and a stream says neither a failure of ours nor that it is complete', async () => {
    const { got, closed } = await follow();
    await parts.kill('postgres');

    expect(await closed).toBe(1013);
    expect(got.filter(({ type, payload }) => type === 'complete' || payload?.errors)).toEqual([]);
    expect([await codeOf('{ now }'), await codeOf('mutation { touch }')]).toEqual([
      'UPSTREAM_UNAVAILABLE',
      'UPSTREAM_UNAVAILABLE',
    ]);
    expect(reported.length).toBeGreaterThan(1);
    await parts.restart('postgres');
    await expect.poll(() => codeOf('{ now }')).toBe(null);
  }, 60_000);

  it('what it was doing when it went is not a failure of ours either', async () => {
    const eyes = new pg.Client({ connectionString: databaseUrl(parts.ground, 'compliance_app') });
    await eyes.connect();
    stack.defer(() => eyes.end());
    const asked = codeOf('{ nap }');
    const end = () =>
      eyes.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid()",
      );
    await expect.poll(async () => (await end()).rowCount).toBe(1);

    expect(await asked).toBe('UPSTREAM_UNAVAILABLE');
  }, 60_000);
});
