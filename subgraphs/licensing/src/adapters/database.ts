import { type Cancelling, withCancelling } from '@assay/database';
import { PrismaClient } from '@assay/database/clients/licensing';
import { PrismaPg } from '@prisma/adapter-pg';

export type Database = PrismaClient;
export type Transaction = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0];

/** A pool of one role's connections; nothing is opened before the first row is asked for. */
export function openDatabase(url: string, connections = 10): Database & Cancelling & AsyncDisposable {
  const adapter = new PrismaPg({ connectionString: url, max: connections, idleTimeoutMillis: 30_000 });
  // Longer errors quote what was asked for, values included, and logs are for more eyes than those.
  return withCancelling(new PrismaClient({ adapter, errorFormat: 'minimal' }), url);
}
