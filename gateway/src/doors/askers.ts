import { failure } from '@assay/failure';
import type { Access, RequestFacts } from '../access/port.ts';
import { classOf, type FetchContext } from '../transport.ts';

/** Somebody at a door. */
export interface Asker<Context> {
  /** What every fetch for him gets. */
  readonly context: Context;
  /** By whom his requests are counted; null: by nobody. */
  readonly subject: string | null;
}

/** The payload of `connection_init` (graphql-ws PROTOCOL.md). */
export type ConnectionParams = Readonly<Record<string, unknown>>;

/** Who asks at the streaming doors, and for how long. */
export interface Askers<Context> {
  /** @throws Failure when it cannot be told, or may not be */
  askerOf(request: RequestFacts): Promise<Asker<Context>>;
  /** The same of a WebSocket, which says once who it is. */
  askerOfSocket(upgrade: RequestFacts, params: ConnectionParams | undefined): Promise<Asker<Context>>;
  isUpgradeAllowed(upgrade: RequestFacts): boolean;
  /** Calls `onEnd` once, when he may be nobody's asker any longer. */
  watch(asker: Asker<Context>, onEnd: () => void): Disposable;
  /** What decides what he may see. */
  classOf(context: Context): string;
}

/** Askers who are principals. */
export function principals(access: Access): Askers<FetchContext> {
  const asking = (principal: FetchContext['principal']) => ({ context: { principal }, subject: principal.subject });
  return {
    askerOf: async (request) => asking(await access.principalOf(request)),
    askerOfSocket: async (upgrade, params) => asking(await access.principalOfSocket(upgrade, authorizationOf(params))),
    isUpgradeAllowed: (upgrade) => access.isUpgradeAllowed(upgrade),
    watch: ({ context }, onEnd) => access.watch(context.principal, onEnd),
    classOf,
  };
}

/**
 * The credential of `connection_init`, whatever case its name is in, as for a header.
 *
 * @throws Failure UNAUTHENTICATED for one that is no text: what does not hold is never taken for none
 */
function authorizationOf(params: ConnectionParams | undefined): string | undefined {
  const given = Object.entries(params ?? {}).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  if (given === undefined || given === null) return undefined;
  if (typeof given !== 'string') throw failure('UNAUTHENTICATED', 'The authorization in connection_init is no text.');
  return given;
}
