import { PrismaClient } from '@assay/database/clients/compliance';
import { PrismaPg } from '@prisma/adapter-pg';

export type Database = PrismaClient;
export type Transaction = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0];

/** A pool of one role's connections; nothing is opened before the first row is asked for. */
export function openDatabase(url: string, connections = 5): Database & AsyncDisposable {
  const adapter = new PrismaPg({ connectionString: url, max: connections, idleTimeoutMillis: 30_000 });
  const client = new PrismaClient({ adapter });
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.$disconnect() });
}
