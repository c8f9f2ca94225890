import type { Caller } from './client.ts';
import { APPROVE_ACCESS, AUDIT, REQUEST_ACCESS, REVOKE_ACCESS } from './operations.ts';
import type { Row } from './report.ts';
import { refusalOf, timed } from './timed.ts';

/** What this run did to its assets, its licence and its request; earlier runs did the same to others. */
const EXPECTED_ACTIONS = [
  'asset.create',
  'asset.finalize',
  'asset.decide',
  'asset.moderate',
  'asset.publish',
  'license.issue',
  'download.grant',
  'download.redeem',
  'access.approve',
];
/** A redemption comes from the edge by a stream, a moment after the bytes. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 200;

interface Entry {
  readonly at: string;
  readonly action: string;
  readonly outcome: string;
  readonly subject: string;
}

interface AuditAnswer {
  readonly auditEntries: { readonly edges: readonly { readonly node: Entry }[] };
}

/** What the audit is looked through for. */
export interface Doings {
  /** The assets of this run, by file name. */
  readonly assets: ReadonlyMap<string, string>;
  readonly licenseId: string;
}

/** Asks for a grant, has it approved, reads what this run left in the trail, and ends the grant. */
export async function readAudit(
  { security, moderator }: { readonly security: Caller; readonly moderator: Caller },
  { assets, licenseId }: Doings,
  rows: Row[],
): Promise<void> {
  await timed(rows, 'audit without a grant', 'FORBIDDEN', () => refusalOf(security.ask(AUDIT)));
  const input = { scope: 'AUDIT_READ', reason: 'To show the demo.', minutes: 5 };
  const { requestPrivilegedAccess } = await security.ask<{ requestPrivilegedAccess: { request: { id: string } } }>(
    REQUEST_ACCESS,
    { input },
  );
  const requestId = requestPrivilegedAccess.request.id;
  await moderator.ask(APPROVE_ACCESS, { input: { requestId } });
  const ours = new Set([...assets.values(), licenseId, requestId]);
  await timed(rows, 'audit under a grant', 'complete', async () => {
    const entries = await readUntilComplete(security, ours);
    for (const entry of entries.slice(0, 12)) printEntry(entry);
    const missing = missingOf(entries);
    return missing.length === 0 ? 'complete' : `without ${missing.join(', ')}`;
  });
  await security.ask(REVOKE_ACCESS, { input: { requestId } });
  await timed(rows, 'audit after revoking', 'FORBIDDEN', () => refusalOf(security.ask(AUDIT)));
}

/** Reads until everything is there, or the patience is at its end: what is missing then is for the table to say. */
async function readUntilComplete(security: Caller, ours: ReadonlySet<string>): Promise<readonly Entry[]> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))) {
    const { auditEntries } = await security.ask<AuditAnswer>(AUDIT);
    const entries = auditEntries.edges.map(({ node }) => node).filter(({ subject }) => ours.has(subject));
    if (missingOf(entries).length === 0 || Date.now() > deadline) return entries;
  }
}

function missingOf(entries: readonly Entry[]): readonly string[] {
  const actions = new Set(entries.map(({ action }) => action));
  return EXPECTED_ACTIONS.filter((action) => !actions.has(action));
}

function printEntry({ at, action, outcome, subject }: Entry): void {
  process.stdout.write(`  ${at.slice(11, 19)} ${action.padEnd(16)} ${outcome.padEnd(10)} ${subject}\n`);
}
