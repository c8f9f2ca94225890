import { buildSubgraphSchema } from '@apollo/subgraph';
import { openDatabase } from '@assay/compliance';
import { createPrincipalSigner, createPrincipalVerifier, type Principal } from '@assay/principal';
import { createSubgraphHandler, type DatabaseSession, openDatabaseSession } from '@assay/subgraph';
import { parse } from 'graphql';
import { createClient } from 'graphql-ws';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { databaseUrl } from '../../ops/run/parts/database.ts';
import { startParts, type TestParts } from '../../test/parts.ts';
import { composeSupergraph } from '../src/compose.ts';
import { createEngine, createHivePlanner, createShareInFlight } from '../src/engine/index.ts';
import { endWithRequest } from '../src/request-time.ts';
import { resilient } from '../src/resilience.ts';
import { callerOf, classOf, createLocalTransport } from '../src/transport.ts';
import { type DoorsHouse, startDoorsHouse } from './doors-house.ts';

const NAP = '{ nap }';
const SDL = 'type Query { nap: String } type Subscription { dreams: Dream } type Dream { deep: String }';
const KEY = Buffer.alloc(32, 'sleeper').toString('base64url');

interface Sleeping {
  readonly principal: Principal;
  readonly rows: DatabaseSession<SleepingTransaction>;
}
type Database = ReturnType<typeof openDatabase>;
type SleepingTransaction = Parameters<Parameters<Database['$transaction']>[0]>[0];

let parts: TestParts;
let eyes: pg.Client;
let database: Database;
let house: DoorsHouse;
const reported: unknown[] = [];
beforeAll(async () => {
  parts = await startParts(['postgres']);
  database = openDatabase(databaseUrl(parts.ground, 'compliance_app'));
  eyes = new pg.Client({ connectionString: databaseUrl(parts.ground, 'compliance_app') });
  await eyes.connect();
  house = await startDoorsHouse(sleepers());
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  await eyes.end();
  await parts[Symbol.asyncDispose]();
});

/** The gateway's engine over one subgraph of ours that sleeps in the database for ten seconds. */
function sleepers() {
  const nap = (_root: unknown, _args: unknown, { rows }: Sleeping) =>
    rows.read(async (tx) => {
      await tx.$queryRaw`select pg_sleep(10)::text`;
      return 'rested';
    });
  const handler = createSubgraphHandler<Sleeping>({
    name: 'sleeper',
    schema: buildSubgraphSchema([
      {
        typeDefs: parse(SDL),
        resolvers: { Query: { nap }, Subscription: { dreams: { subscribe: dreams } }, Dream: { deep: nap } },
      },
    ]),
    verifyPrincipal: createPrincipalVerifier(KEY, 'sleeper'),
    openScope: (principal, time) => {
      const rows = openDatabaseSession<SleepingTransaction>(database, principal, time);
      return { context: { principal, rows }, end: () => rows.end() };
    },
    report: (_id, error) => reported.push(error),
    health: async () => ({}),
  });
  const local = createLocalTransport(handler, createPrincipalSigner(KEY, 'sleeper'));
  const supergraphSdl = composeSupergraph({ sleeper: SDL });
  const engine = createEngine({
    supergraphSdl,
    planner: createHivePlanner(supergraphSdl),
    transports: { sleeper: endWithRequest(createShareInFlight(classOf)('sleeper', resilient(local))) },
    callerOf,
  });
  return { supergraphSdl, engine };
}

/** One event, whose fields are read while it is told. */
async function* dreams() {
  yield { dreams: {} };
}

/** Statements that sleep now, as the server itself sees them. */
async function sleeping(): Promise<number> {
  const { rows } = await eyes.query<{ n: number }>(
    "select count(*)::int as n from pg_stat_activity where query like '%pg_sleep%' and state = 'active' and pid <> pg_backend_pid()",
  );
  return rows[0]?.n ?? -1;
}

/** What a client did not wait for is over in the database within a second. */
const isOver = () => expect.poll(sleeping, { timeout: 1_000, interval: 20 }).toBe(0);

function post(accept: string, token?: string, query = NAP): AbortController {
  const leaving = new AbortController();
  const authorization: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  fetch(`${house.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, ...authorization },
    body: JSON.stringify({ query }),
    signal: leaving.signal,
  }).catch(() => undefined);
  return leaving;
}

describe('a client that leaves', () => {
  it.each(['application/json', 'text/event-stream'])('ends what the database does for it (%s)', async (accept) => {
    const leaving = post(accept);
    await expect.poll(sleeping).toBe(1);
    leaving.abort();
    await isOver();
  });

  it('ends it by closing its socket too', async () => {
    const client = createClient({
      url: `${house.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
    });
    client.subscribe({ query: NAP }, { next: () => undefined, error: () => undefined, complete: () => undefined });
    await expect.poll(sleeping).toBe(1);
    client.terminate();
    await isOver();
  });

  it('ends what is read for an event by leaving the stream', async () => {
    const leaving = post('text/event-stream', undefined, 'subscription { dreams { deep } }');
    await expect.poll(sleeping).toBe(1);
    leaving.abort();
    await isOver();
  });

  it('ends nothing that another of its class waits for, and all of it when that one leaves too', async () => {
    const clients = [post('application/json'), post('application/json')];
    const other = post('application/json', 'ada');
    await expect.poll(sleeping).toBe(2);
    clients[0]?.abort();
    // Somebody else's going shows that there was time for this one's.
    other.abort();
    await expect.poll(sleeping).toBe(1);
    clients[1]?.abort();
    await isOver();
  });

  it('is sent away at the deadline, which ends what the database does for it too', async () => {
    await using hasty = await startDoorsHouse({ ...sleepers(), deadlineMs: 500 });
    const asked = hasty.post({ query: NAP });
    await expect.poll(sleeping).toBe(1);
    expect((await asked).json.errors?.[0]?.extensions).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    await isOver();
  });

  it('leaves no trouble behind: nothing was masked as a failure of ours', () => {
    expect(reported).toEqual([]);
  });
});
