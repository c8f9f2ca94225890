import { withTenant } from '@assay/database';
import { anonymous } from '@assay/principal';
import { z } from 'zod';
import type { LoginAttempt, LoginBook } from '../provider/login.ts';
import type { Database, Transaction } from './database.ts';

/** The sign-in form's four questions, each a definer function. @param db as `identity_provider` */
export function createSqlLoginBook(db: Database): LoginBook {
  const ask = <T>({ requestId, network }: LoginAttempt, work: (tx: Transaction) => Promise<T>) =>
    withTenant(db, anonymous(requestId, network), work);
  return {
    admit: async (index, attempt) => {
      const rows = await ask(
        attempt,
        (tx) => tx.$queryRaw`select identity.admit_login(${index}, ${attempt.network}) as "left"`,
      );
      return z.tuple([z.object({ left: z.number() })]).parse(rows)[0].left;
    },
    find: async (index, attempt) => {
      const rows = await ask(
        attempt,
        (tx) => tx.$queryRaw`select id, password_hash as "passwordHash" from identity.find_account(${index})`,
      );
      return z.array(z.object({ id: z.string(), passwordHash: z.string() })).parse(rows)[0] ?? null;
    },
    succeeded: async (index, attempt) => {
      await ask(attempt, (tx) => tx.$executeRaw`select identity.login_succeeded(${index}, ${attempt.network})`);
    },
    failed: async (index, attempt, outcome) => {
      await ask(attempt, (tx) => tx.$executeRaw`select identity.login_failed(${index}, ${outcome})`);
    },
  };
}
