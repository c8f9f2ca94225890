import type { RawExecutor } from '@assay/database';
import { withSqlFailures } from '@assay/database';
import { failure } from '@assay/failure';
import type { EndReason, SessionRecord } from './sessions.ts';

export interface EndedSession extends SessionRecord {
  readonly providerEnded: boolean;
}

/**
 * Ends a session of the caller's own, in the caller's transaction: the row, the embedded provider's session and its
 * unused codes. Wake its holders after the commit.
 *
 * @throws Failure NOT_FOUND when the caller has no such session
 */
export async function endSession(tx: RawExecutor, sessionId: string, reason: EndReason): Promise<EndedSession> {
  const rows = await withSqlFailures(
    () => tx.$queryRaw<EndedSession[]>`
      select id, created_at as "createdAt", last_seen_at as "lastSeenAt", expires_at as "expiresAt", ended_at as "endedAt",
        address, user_agent as "userAgent", provider_ended as "providerEnded"
      from identity.end_session(${sessionId}::uuid, ${reason})`,
  );
  const [ended] = rows;
  if (!ended) throw failure('NOT_FOUND', 'There is no such session.');
  return ended;
}
