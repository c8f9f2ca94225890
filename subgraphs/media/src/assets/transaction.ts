import type { Prisma } from '@assay/database/clients/media';

/** A transaction of one of media's roles with the caller's settings in it: the only way to a row. */
export type MediaTx = Prisma.TransactionClient;
