import { failure } from '@assay/failure';
import { Arg, Ctx, Directive, Mutation, Query, Resolver } from 'type-graphql';
import { z } from 'zod';
import type { IdentityContext } from '../context.ts';
import { endSession } from '../sessions/end-session.ts';
import type { SessionRecord } from '../sessions/sessions.ts';
import { RevokeSessionInput } from './session.input.ts';
import { RevokeSessionPayload, SessionType } from './session.type.ts';

/** Nobody reads further; the newest are the ones to look at. */
const MAX_SESSIONS = 100;

@Resolver(() => SessionType)
export class SessionResolver {
  @Directive(`@listSize(assumedSize: ${MAX_SESSIONS})`)
  @Query(() => [SessionType], {
    nullable: true,
    description: `The caller's own sessions that live, the newest first, at most ${MAX_SESSIONS}. Fails with UNAUTHENTICATED when nobody is signed in.`,
  })
  async sessions(@Ctx() { rows, principal }: IdentityContext): Promise<SessionType[]> {
    const { subject, tenantId } = principal;
    if (subject === null || tenantId === null) throw failure('UNAUTHENTICATED', 'Sign in to see your sessions.');
    const live = await rows.read((tx) =>
      tx.session.findMany({
        where: { tenantId, accountId: subject, endedAt: null, expiresAt: { gt: new Date() } },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        take: MAX_SESSIONS,
      }),
    );
    return live.map((session) => sessionOf(session, principal.sessionId));
  }

  @Mutation(() => RevokeSessionPayload, {
    description:
      'Ends one of the own sessions: its cookie and every access token of the same sign-in stop working, open streams close within 5 seconds. Ending it again changes nothing. Fails with NOT_FOUND for whatever is not a session of the caller.',
  })
  async revokeSession(
    @Arg('input', () => RevokeSessionInput) { sessionId }: RevokeSessionInput,
    @Ctx() { rows, principal, wake }: IdentityContext,
  ): Promise<RevokeSessionPayload> {
    if (!z.uuid().safeParse(sessionId).success) throw failure('NOT_FOUND', 'There is no such session.');
    const ended = await rows.write((tx) => endSession(tx, sessionId, 'REVOKED'));
    await wake(ended.id);
    return Object.assign(new RevokeSessionPayload(), { session: sessionOf(ended, principal.sessionId) });
  }
}

function sessionOf(record: SessionRecord, current: string | null): SessionType {
  const { id, createdAt, lastSeenAt, expiresAt, endedAt, address, userAgent } = record;
  const fields = { id, createdAt, lastSeenAt, expiresAt, endedAt, address, userAgent };
  return Object.assign(new SessionType(), { ...fields, current: id === current });
}
