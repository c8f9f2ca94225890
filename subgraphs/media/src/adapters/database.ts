import { type Cancelling, withCancelling } from '@assay/database';
import { PrismaClient } from '@assay/database/clients/media';
import { PrismaPg } from '@prisma/adapter-pg';

/** A client of one of media's roles; rows are reached through `withTenant` alone. */
export type MediaDatabase = PrismaClient;

/** What a connection waits for at most, in milliseconds: one to a server that hangs would otherwise hold up its work forever. */
export const PATIENCE = {
  connectionTimeoutMillis: 5_000,
  query_timeout: 20_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 5_000,
} as const;

/**
 * @param url as the role
 * @param connections at most: what one process takes of the database
 */
export function openDatabase(url: string, connections: number): MediaDatabase & Cancelling & AsyncDisposable {
  const adapter = new PrismaPg({ connectionString: url, max: connections, ...PATIENCE });
  // Longer errors quote what was asked for, values included, and logs are for more eyes than those.
  return withCancelling(new PrismaClient({ adapter, errorFormat: 'minimal' }), url);
}
