import type { Principal } from '@assay/principal';
import { step, traceparent } from '@assay/telemetry';
import type { Backend, Cancelling } from './cancelling.ts';

/** What `withTenant` needs of a generated Prisma client: interactive transactions. */
export interface TransactionHost<Tx> extends Partial<Cancelling> {
  $transaction<T>(work: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>;
}

export interface TransactionOptions {
  /** Milliseconds to wait for a connection. */
  readonly maxWait?: number;
  /** Milliseconds until the transaction is rolled back. */
  readonly timeout?: number;
}

/** What `withTenant` may be told beside the work. */
export interface TenantOptions extends TransactionOptions {
  /** Milliseconds that one statement may take before the database itself ends it; as long as the transaction when left out. */
  readonly statementTimeoutMs?: number;
}

const TIMEOUT_MS = 15_000;

/** What a transaction client offers for the settings. */
export interface RawExecutor {
  $queryRaw<T>(query: TemplateStringsArray, ...values: unknown[]): Promise<T>;
}

/** Who a transaction acts for: a caller's principal, or a named part of the system with no tenant of its own. */
export type Actor = Principal | SystemActor;

export interface SystemActor {
  /** Such as `system:intake`: it becomes the actor of audit entries. */
  readonly system: `system:${string}`;
  readonly tenantId: string | null;
  readonly requestId: string;
}

/**
 * The only way to a row: one transaction with the caller's settings, which row level security reads and which end with it.
 * The role of `db` decides what there is to see at all; a wider reach is another role's pool, never a flag here.
 *
 * @param db a client of the role that asks
 * @param actor who asks
 * @param work runs inside the transaction; a throw rolls everything back. It also gets the transaction as the server knows it
 */
export function withTenant<Tx extends RawExecutor, T>(
  db: TransactionHost<Tx>,
  actor: Actor,
  work: (tx: Tx, backend: Backend) => Promise<T>,
  { maxWait = 5_000, timeout = TIMEOUT_MS, statementTimeoutMs = timeout }: TenantOptions = {},
): Promise<T> {
  const settings = settingsOf(actor);
  // Rolling back waits for the statement that runs: without a limit of its own it would go on after everybody has left.
  const patience = String(Math.ceil(statementTimeoutMs));
  const begin = () =>
    db.$transaction(
      async (tx) => {
        const [backend] = await tx.$queryRaw<Backend[]>`select
      set_config('assay.tenant', ${settings.tenant}, true),
      set_config('assay.subject', ${settings.subject}, true),
      set_config('assay.actor', ${settings.actor}, true),
      set_config('assay.roles', ${settings.roles}, true),
      set_config('assay.session', ${settings.session}, true),
      set_config('assay.address', ${settings.address}, true),
      set_config('assay.request', ${settings.request}, true),
      set_config('assay.trace', ${traceparent() ?? ''}, true),
      set_config('statement_timeout', ${patience}, true),
      pg_backend_pid() as pid,
      now()::text as since`;
        return work(tx, backend ?? NO_BACKEND);
      },
      { maxWait, timeout },
    );
  return step(TRANSACTION, begin);
}

const TRANSACTION = { name: 'transaction', kind: 'client', attributes: { 'db.system.name': 'postgresql' } } as const;

/** Of a host that is no server, as a test may have. */
const NO_BACKEND: Backend = { pid: 0, since: '-infinity' };

/** The settings as text, '' where there is nothing: the form that `set_config` takes. */
export function settingsOf(actor: Actor) {
  if ('system' in actor) {
    return {
      tenant: actor.tenantId ?? '',
      subject: '',
      actor: actor.system,
      roles: '',
      session: '',
      address: '',
      request: actor.requestId,
    };
  }
  return {
    tenant: actor.tenantId ?? '',
    subject: actor.subject ?? '',
    actor: actor.subject ?? 'anonymous',
    roles: actor.roles.join(','),
    session: actor.sessionId ?? '',
    address: actor.address ?? '',
    request: actor.requestId,
  };
}
