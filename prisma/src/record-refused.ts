import { isFailure } from '@assay/failure';
import type { RawExecutor } from './with-tenant.ts';

/** Runs a change in a transaction of its own, for the caller of the act. */
export interface RefusalBook<Tx> {
  write(work: (tx: Tx) => Promise<unknown>): Promise<unknown>;
}

export interface RefusableAct {
  /** `noun.verb_failed`. */
  readonly action: string;
  /** What was acted on. */
  readonly subject: string;
}

/** What a caller was denied; that a part was away, or that nobody had signed in, is no refusal of somebody's act. */
const REFUSALS: ReadonlySet<string> = new Set([
  'BAD_USER_INPUT',
  'NOT_FOUND',
  'FORBIDDEN',
  'CONFLICT',
  'EXPIRED',
  'INVALID_STATE',
]);

/**
 * Runs an act that is in the audit trail also when it is refused. The entry has a transaction of its own, since the act's is rolled
 * back, and is committed before the error goes out; its outcome is the error's code. The database bounds how many there are.
 *
 * @throws what `work` throws; when the entry cannot be written, why
 */
export async function recordRefused<Tx extends RawExecutor, T>(
  book: RefusalBook<Tx>,
  { action, subject }: RefusableAct,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isFailure(error) && REFUSALS.has(error.code)) {
      const { code } = error;
      await book.write((tx) => tx.$queryRaw`select compliance.record_refusal(${action}, ${subject}, ${code})::text`);
    }
    throw error;
  }
}
