import { recordRefused, withSqlFailures } from '@assay/database';
import { failure } from '@assay/failure';
import { pageOf, parseFirst } from '@assay/subgraph';
import { Arg, Ctx, Int, Mutation, Query, Resolver } from 'type-graphql';
import { z } from 'zod';
import type { Transaction } from '../adapters/database.ts';
import type { ComplianceContext } from '../context.ts';
import { accessStateAt } from '../ledger/access-state.ts';
import { formatCursor, parseCursor } from '../ledger/cursor.ts';
import {
  AccessRequestConnection,
  AccessRequestType,
  PrivilegedAccessPayload,
  PrivilegedAccessRequestInput,
  PrivilegedAccessState,
  PrivilegedScope,
  RequestPrivilegedAccessInput,
} from './access-request.type.ts';

const MAX_REASON = 1_000;
const MAX_MINUTES = 240;

@Resolver(() => AccessRequestType)
export class AccessRequestResolver {
  @Query(() => AccessRequestConnection, {
    nullable: true,
    description:
      'Requests for privileged access, the newest first: all for a platform administrator, the own ones for the security team. FORBIDDEN for everybody else.',
  })
  async privilegedAccessRequests(
    @Arg('first', () => Int, { defaultValue: 20 }) first: number,
    @Arg('after', () => String, { nullable: true }) after: string | null,
    @Ctx() { rows, principal }: ComplianceContext,
  ): Promise<AccessRequestConnection> {
    const take = parseFirst(first) + 1;
    const place = after ? parseCursor(after) : null;
    const { subject, roles } = principal;
    if (subject === null) throw failure('UNAUTHENTICATED', 'Sign in to see requests for access.');
    const where = {
      ...(roles.includes('platform_admin') ? {} : { requester: subject }),
      ...(place ? { OR: [{ createdAt: { lt: place.at } }, { createdAt: place.at, id: { lt: place.id } }] } : {}),
    };
    const found = await rows.read((tx) =>
      tx.accessRequest.findMany({ where, orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], take }),
    );
    const page = pageOf(found, { first, after }, ({ createdAt, id }) => formatCursor({ at: createdAt, id }), requestOf);
    return Object.assign(new AccessRequestConnection(), page);
  }

  @Mutation(() => PrivilegedAccessPayload, {
    description:
      'Asks for privileged access. Only for the security team; it opens nothing until somebody else approves it.',
  })
  async requestPrivilegedAccess(
    @Arg('input', () => RequestPrivilegedAccessInput) { scope, reason, minutes }: RequestPrivilegedAccessInput,
    @Ctx() { rows }: ComplianceContext,
  ): Promise<PrivilegedAccessPayload> {
    verifyInput(reason, minutes);
    return payloadOf(
      await rows.write((tx) =>
        change(
          tx.$queryRaw<Row[]>`select * from compliance.request_access(${scope}, ${reason.trim()}, ${minutes}::integer)`,
        ),
      ),
    );
  }

  @Mutation(() => PrivilegedAccessPayload, {
    description:
      'Approves a pending request; the grant lives from now for the minutes asked for. Never one’s own: FORBIDDEN. Decided already: INVALID_STATE.',
  })
  async approvePrivilegedAccess(
    @Arg('input', () => PrivilegedAccessRequestInput) { requestId }: PrivilegedAccessRequestInput,
    @Ctx() { rows }: ComplianceContext,
  ): Promise<PrivilegedAccessPayload> {
    const id = parseId(requestId);
    const row = await recordRefused(rows, { action: 'access.approve_failed', subject: id }, () =>
      rows.write((tx: Transaction) =>
        change(tx.$queryRaw<Row[]>`select * from compliance.approve_access(${id}::uuid)`),
      ),
    );
    return payloadOf(row);
  }

  @Mutation(() => PrivilegedAccessPayload, {
    description: 'Ends a grant or withdraws a request: the holder, or an approver. Ending it again changes nothing.',
  })
  async revokePrivilegedAccess(
    @Arg('input', () => PrivilegedAccessRequestInput) { requestId }: PrivilegedAccessRequestInput,
    @Ctx() { rows }: ComplianceContext,
  ): Promise<PrivilegedAccessPayload> {
    const id = parseId(requestId);
    return payloadOf(
      await rows.write((tx: Transaction) =>
        change(tx.$queryRaw<Row[]>`select * from compliance.revoke_access(${id}::uuid)`),
      ),
    );
  }
}

/** A row as the SQL functions return it. */
interface Row {
  readonly id: string;
  readonly scope: string;
  readonly requester: string;
  readonly reason: string;
  readonly minutes: number;
  readonly created_at: Date;
  readonly approved_at: Date | null;
  readonly expires_at: Date | null;
  readonly revoked_at: Date | null;
}

async function change(query: Promise<Row[]>): Promise<Row> {
  const [row] = await withSqlFailures(() => query);
  if (!row) throw failure('NOT_FOUND', 'There is no such request.');
  return row;
}

function payloadOf(row: Row): PrivilegedAccessPayload {
  const { created_at: createdAt, approved_at: approvedAt, expires_at: expiresAt, revoked_at: revokedAt, ...rest } = row;
  return Object.assign(new PrivilegedAccessPayload(), {
    request: requestOf({ ...rest, createdAt, approvedAt, expiresAt, revokedAt }),
  });
}

interface Request {
  readonly id: string;
  readonly scope: string;
  readonly requester: string;
  readonly reason: string;
  readonly minutes: number;
  readonly createdAt: Date;
  readonly approvedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

function requestOf(request: Request): AccessRequestType {
  const { id, requester, reason, minutes, createdAt, expiresAt } = request;
  const state = PrivilegedAccessState[accessStateAt(request, new Date())];
  return Object.assign(new AccessRequestType(), {
    id,
    scope: PrivilegedScope.AUDIT_READ,
    requester,
    reason,
    minutes,
    createdAt,
    expiresAt,
    state,
  });
}

function parseId(requestId: string): string {
  if (!z.uuid().safeParse(requestId).success) throw failure('NOT_FOUND', 'There is no such request.');
  return requestId;
}

function verifyInput(reason: string, minutes: number): void {
  const problems = [
    ...(reason.trim().length >= 1 && reason.length <= MAX_REASON && !reason.includes('\0')
      ? []
      : [{ path: ['input', 'reason'], message: `A reason has 1 to ${MAX_REASON} characters.` }]),
    ...(minutes >= 1 && minutes <= MAX_MINUTES
      ? []
      : [{ path: ['input', 'minutes'], message: `Minutes are from 1 to ${MAX_MINUTES}.` }]),
  ];
  if (problems.length > 0)
    throw failure('BAD_USER_INPUT', problems.map(({ message }) => message).join(' '), { problems });
}
