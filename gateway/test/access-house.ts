import { createServer, type Server } from 'node:http';
import { isFailure } from '@assay/failure';
import {
  createKeyring,
  createRedisWake,
  createSqlSessions,
  createSubgraphHandler,
  openDatabase,
  type Sessions,
} from '@assay/identity';
import { createPrincipalSigner, createPrincipalVerifier, type Principal } from '@assay/principal';
import type { SubgraphHandler } from '@assay/subgraph';
import { Redis } from 'ioredis';
import { databaseUrl } from '../../ops/run/parts/database.ts';
import { redisUrl } from '../../ops/run/parts/redis.ts';
import { type House, startHouse } from '../../subgraphs/identity/test/house.ts';
import { openAccess } from '../src/access/open.ts';
import type { Access, RequestFacts } from '../src/access/port.ts';
import { createUserLookup } from '../src/access/user.ts';
import { createSignInRoutes } from '../src/doors/sign-in-routes.ts';
import { createPipeline, type Route } from '../src/pipeline.ts';
import { createLocalTransport } from '../src/transport.ts';

/** The gateway's access and doors over real Postgres, Redis and provider, with a door that tells who one is. */
export interface AccessHouse extends AsyncDisposable {
  readonly house: House;
  readonly access: Access;
  readonly sessions: Sessions;
  readonly identity: SubgraphHandler;
  readonly url: string;
  readonly reported: string[];
  /** What `GET /whoami` answers. */
  whoAmI(
    headers: Record<string, string>,
    method?: string,
  ): Promise<{ status: number; principal?: Principal; code?: string; message?: string }>;
  /** `{ sessions }` and `revokeSession`, as somebody. */
  revoke(principal: Principal, sessionId: string | null): Promise<unknown>;
}

const KEY = Buffer.alloc(32, 9).toString('base64url');

export async function startAccessHouse(): Promise<AccessHouse> {
  await using stack = new AsyncDisposableStack();
  const house = stack.use(await startHouse());
  const { ground } = house.parts;
  const reported: string[] = [];
  const database = stack.use(openDatabase(databaseUrl(ground, 'identity_app')));
  const connect = () =>
    new Redis(redisUrl(ground, 'gateway'), {
      maxRetriesPerRequest: 1,
      enableOfflineQueue: false,
      enableReadyCheck: false,
    }).on('error', () => undefined);
  const disconnect = (client: Redis) => client.disconnect();
  const [publisher, subscriber] = [stack.adopt(connect(), disconnect), stack.adopt(connect(), disconnect)];
  const wake = createRedisWake(publisher, (error) => reported.push(`wake: ${error}`));
  const sessions = createSqlSessions(database, wake);
  const identity = await createSubgraphHandler({
    database,
    keyring: createKeyring(house.keys.keyring),
    wake,
    verifyPrincipal: createPrincipalVerifier(KEY, 'identity'),
    report: (_id, error) => reported.push(`identity: ${error}`),
  });
  const sign = createPrincipalSigner(KEY, 'identity');
  const opened = stack.use(
    openAccess(
      {
        issuer: house.issuer,
        audience: 'assay',
        clientId: 'console',
        clientSecret: house.keys.client,
        publicUrl: house.consoleUrl,
        origins: ['https://console.assay.test'],
        sessionKey: house.keys.session,
      },
      {
        sessions,
        subscriber,
        describeUser: createUserLookup(createLocalTransport(identity, sign)),
        report: (what, error) => reported.push(`${what}: ${error}`),
      },
    ),
  );
  const { access } = opened;
  const hosts = new Set([new URL(house.consoleUrl).host]);
  const routes = [...createSignInRoutes(opened.doors), whoAmIDoor(access)];
  const pipeline = createPipeline({ hosts, routes, report: (error) => reported.push(`pipeline: ${error}`) });
  const servers = await Promise.all(
    ['127.0.0.1', '::1'].map((host) =>
      listen(
        createServer((...pair) => void pipeline(...pair)),
        host,
        ground.ports.gateway,
      ),
    ),
  );
  stack.defer(() => {
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
  });
  const url = house.consoleUrl;
  const held = stack.move();
  return {
    house,
    access,
    sessions,
    identity,
    url,
    reported,
    whoAmI: async (headers, method = 'GET') => {
      const answer = await fetch(`${url}/whoami`, { method, headers });
      return { status: answer.status, ...((await answer.json()) as object) };
    },
    revoke: async (principal, sessionId) =>
      identity.execute({
        query: 'mutation ($id: ID!) { revokeSession(input: { sessionId: $id }) { session { endedAt } } }',
        variables: { id: sessionId },
        principalToken: await sign(principal),
      }),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

function whoAmIDoor(access: Access): Route {
  const ask = async (facts: RequestFacts) => {
    try {
      return { status: 200, body: { principal: await access.principalOf(facts) } };
    } catch (error) {
      if (!isFailure(error)) throw error;
      return { status: 403, body: { code: error.code, message: error.message } };
    }
  };
  return {
    matches: (path) => path === '/whoami',
    answer: async (facts, _request, response) => {
      const { status, body } = await ask(facts);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => resolve(server));
  });
}
