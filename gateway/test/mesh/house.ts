import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anonymous, createPrincipalSigner } from '@assay/principal';
import { serveSubgraph, type WatchedCredentials, watchCredentials } from '@assay/subgraph/mesh';
import {
  type Authority,
  createAuthority,
  type Issued,
  type Purpose,
  writeCredentials,
} from '../../../ops/run/authority.ts';
import type { Transport } from '../../src/engine/index.ts';
import { openPeer, type Peer } from '../../src/mesh/peer.ts';
import { createMeshTransport } from '../../src/mesh/transport.ts';
import type { FetchContext } from '../../src/transport.ts';
import { createStones, KEY, type Stones } from './stones.ts';

export const LOOK_MS = 20;
export const sign = createPrincipalSigner(KEY, 'stones');
export const visitor = anonymous('request-of-the-test', null);

/** A subgraph and a gateway of two processes, as far as certificates go. */
export interface MeshHouse extends AsyncDisposable {
  readonly authority: Authority;
  readonly stones: Stones;
  /** Where the subgraph is now. */
  readonly url: () => URL;
  /** The gateway's way to it. */
  readonly peer: Peer;
  readonly transport: Transport<FetchContext>;
  /** Why streams were broken off. */
  readonly broken: unknown[];
  /** Why somebody was turned away. */
  readonly turnedAway: string[];
  /** Writes a certificate where a process finds it. */
  give(process: string, purpose: Purpose, lifetimeMs: number): Promise<void>;
  put(process: string, issued: Issued): Promise<void>;
  credentialsOf(process: string): Promise<WatchedCredentials>;
  /** Ends the subgraph's process as SIGTERM does, or begins it again at the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** @param through a port between the gateway and the subgraph */
export async function openHouse(lifetimeMs = 60_000, through?: (port: number) => Promise<number>): Promise<MeshHouse> {
  const stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'assay-mesh-'));
  stack.defer(() => rmSync(folder, { recursive: true }));
  const authority = await createAuthority();
  const give: MeshHouse['give'] = async (process, purpose, ms) =>
    writeCredentials(join(folder, process), await authority.issue(process, purpose, ms));
  const credentialsOf = async (process: string) =>
    stack.use(await watchCredentials(join(folder, process), () => undefined, LOOK_MS));
  await give('stones', 'server', lifetimeMs);
  await give('gateway', 'client', lifetimeMs);
  const stones = createStones();
  const turnedAway: string[] = [];
  const [own, gateways] = [await credentialsOf('stones'), await credentialsOf('gateway')];
  const serve = (port: number) =>
    serveSubgraph(stones.handler, {
      hostname: '127.0.0.1',
      port,
      credentials: own,
      pingMs: 200,
      peers: ['gateway'],
      calls: { '/echo': async (asked) => asked },
      report: () => undefined,
      turnedAway: (why) => turnedAway.push(why),
    });
  let running = await serve(0);
  stack.defer(() => running[Symbol.asyncDispose]());
  const url = new URL(running.url);
  const port = (await through?.(Number(url.port))) ?? Number(url.port);
  const peer = stack.use(
    openPeer({ name: 'stones', url: new URL(`https://127.0.0.1:${port}`), credentials: gateways }),
  );
  const broken: unknown[] = [];
  return {
    authority,
    stones,
    url: () => url,
    peer,
    transport: createMeshTransport(peer, sign, (error) => {
      broken.push(error);
    }),
    broken,
    turnedAway,
    give,
    put: async (process, issued) => writeCredentials(join(folder, process), issued),
    credentialsOf,
    stop: async () => {
      await running[Symbol.asyncDispose]();
    },
    start: async () => {
      running = await serve(Number(url.port));
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A request of the engine. */
export function asking(query: string, signal?: AbortSignal, endsAt?: number) {
  const operation = query.startsWith('mutation')
    ? 'mutation'
    : query.startsWith('subscription')
      ? 'subscription'
      : 'query';
  const context = { principal: visitor, ...(endsAt === undefined ? {} : { endsAt }) };
  return { query, variables: {}, operation, context, signal } as const;
}

/** Stands between two, and cuts every connection when told to. */
export async function openCutter(): Promise<
  { to(port: number): Promise<number>; cut(): number; connections(): number } & AsyncDisposable
> {
  let target = 0;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
    near.once('close', () => far.destroy());
    far.once('close', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    const count = sockets.size;
    for (const socket of sockets) socket.destroy();
    return count;
  };
  return {
    to: async (port) => {
      target = port;
      return (server.address() as AddressInfo).port;
    },
    cut,
    connections: () => sockets.size / 2,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}
