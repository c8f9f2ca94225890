import { PrismaClient } from '@assay/database/clients/media';
import { PrismaPg } from '@prisma/adapter-pg';

/** A client of one of media's roles; rows are reached through `withTenant` alone. */
export type MediaDatabase = PrismaClient;

/**
 * @param url as the role
 * @param connections at most: what one process takes of the database
 */
export function openDatabase(url: string, connections: number): MediaDatabase {
  return new PrismaClient({
    adapter: new PrismaPg({ connectionString: url, max: connections, connectionTimeoutMillis: 5_000 }),
  });
}
