import { recordRefused } from '@assay/database';
import { failure } from '@assay/failure';
import { pageOf, parseFirst } from '@assay/subgraph';
import { Arg, Ctx, Int, Query, Resolver } from 'type-graphql';
import type { Transaction } from '../adapters/database.ts';
import type { ComplianceContext } from '../context.ts';
import { formatCursor, parseCursor } from '../ledger/cursor.ts';
import { AuditEntryConnection, AuditEntryType, AuditFilter } from './audit-entry.type.ts';

const MAX_SHOWN = 80;

@Resolver(() => AuditEntryType)
export class AuditEntryResolver {
  @Query(() => AuditEntryConnection, {
    nullable: true,
    description:
      'The audit trail, the newest first. Only for the security team, and only while the caller holds a live grant of AUDIT_READ; without one FORBIDDEN. Each read is itself an entry.',
  })
  async auditEntries(
    @Arg('first', () => Int, { defaultValue: 50 }) first: number,
    @Arg('after', () => String, { nullable: true }) after: string | null,
    @Arg('filter', () => AuditFilter, { nullable: true }) filter: AuditFilter | null,
    @Ctx() { trail }: ComplianceContext,
  ): Promise<AuditEntryConnection> {
    const take = parseFirst(first) + 1;
    const where = whereOf(after, filter);
    const subject = questionOf(filter);
    const rows = await recordRefused(trail, { action: 'audit.read_failed', subject }, () =>
      trail.write(async (tx) => {
        await verifyGrant(tx);
        verifyTexts({ action: filter?.action, subject: filter?.subject, actor: filter?.actor });
        const found = await tx.auditEntry.findMany({ where, orderBy: [{ at: 'desc' }, { id: 'desc' }], take });
        await tx.$queryRaw`select compliance.record('audit.read', ${subject}, ${`${Math.min(found.length, first)} entries`})::text`;
        return found;
      }),
    );
    const page = pageOf(rows, { first, after }, formatCursor, (row) => Object.assign(new AuditEntryType(), row));
    return Object.assign(new AuditEntryConnection(), page);
  }
}

/** The rows are closed without a grant anyway; this tells the caller why. */
async function verifyGrant(tx: Transaction): Promise<void> {
  const [row] = await tx.$queryRaw<{ live: boolean }[]>`select compliance.has_live_grant('AUDIT_READ') as live`;
  if (!row?.live)
    throw failure('FORBIDDEN', 'Reading the audit trail takes a live grant. Ask for one with requestPrivilegedAccess.');
}

/** What was asked for, as the trail keeps it: `audit`, and the filter's fields. A text that no entry is as long as is cut. */
function questionOf(filter: AuditFilter | null): string {
  const { action, subject, actor, from, to } = filter ?? {};
  const parts = Object.entries({ action, subject, actor, from: from?.toISOString(), to: to?.toISOString() });
  const asked = parts.flatMap(([name, value]) => (value ? [`${name}=${cut(value)}`] : []));
  return ['audit', ...asked].join(' ');
}

function cut(text: string): string {
  const shown = text.replaceAll('\0', '\u{fffd}');
  return shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN).toWellFormed()}…` : shown;
}

function whereOf(after: string | null, filter: AuditFilter | null) {
  const place = after ? parseCursor(after) : null;
  const { action, subject, actor, from, to } = filter ?? {};
  return {
    AND: [
      action ? { action } : {},
      subject ? { subject } : {},
      actor ? { actor } : {},
      from ? { at: { gte: from } } : {},
      to ? { at: { lt: to } } : {},
      place ? { OR: [{ at: { lt: place.at } }, { at: place.at, id: { lt: place.id } }] } : {},
    ],
  };
}

/** No entry holds a NUL, and Postgres takes none. @throws Failure BAD_USER_INPUT that names the field */
function verifyTexts(texts: Readonly<Record<string, string | null | undefined>>): void {
  const problems = Object.entries(texts).flatMap(([name, text]) =>
    text?.includes('\0') ? [{ path: ['filter', name], message: `"${name}" holds a character that no entry has.` }] : [],
  );
  if (problems.length > 0)
    throw failure('BAD_USER_INPUT', problems.map(({ message }) => message).join(' '), { problems });
}
