import { createHash } from 'node:crypto';
import { type Grant, LEASE_TTL_MS } from '@assay/licensing/grants/grant';
import type { Redeemer } from '@assay/licensing/grants/seal';
import { tokenHash } from '@assay/licensing/grants/token';
import { GUARDED_HEADERS, notFound, rangeNotSatisfiable, unavailable } from '../answers.ts';
import type { EdgeDeps } from '../deps.ts';
import { attachment, safeFileName, safeMimeType } from './file-name.ts';
import { type Selection, selectRange } from './range.ts';
import { watchStream } from './watched-stream.ts';

/** How often a lease is good for its file. */
const BUDGET_FILES = 2;

/** A request for a leased file, as far as it matters here. */
export interface LeaseRequest {
  readonly token: string;
  /** Decoded from the path. */
  readonly name: string;
  readonly redeemer: Redeemer;
  readonly isHead: boolean;
  readonly range: string | undefined;
  readonly ifRange: string | undefined;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
  /** Ends the connection at once, so that nothing of what waits in it is sent any more; false where that cannot be done. */
  readonly hangUp: () => boolean;
}

/**
 * `GET /l/{lease}/{name}`: the file, or one range of it.
 *
 * The bytes of the answer are taken from the lease's budget before the store is asked, and what was not sent is given back,
 * so that many ranges at once cannot outrun the count. Everything that is not in order is the same 404 before the first byte.
 */
export async function deliver(request: LeaseRequest, deps: EdgeDeps): Promise<Response> {
  const leaseId = tokenHash(request.token);
  const grant = await openLease(leaseId, request, deps);
  if (grant === null) return notFound();

  const etag = entityTag(grant);
  const selection = selectRange(request.range, request.ifRange, etag, grant.sizeBytes);
  const length = lengthOf(selection, grant);
  const sendsBytes = !request.isHead && length > 0;
  if (!(await deps.ledger.reserve(leaseId, grant, sendsBytes ? length : 0, budgetOf(grant)))) return notFound();
  if (selection.kind === 'unsatisfiable') return rangeNotSatisfiable(grant.sizeBytes);

  const headers = headersOf(grant, etag, selection, length);
  const status = selection.kind === 'part' ? 206 : 200;
  if (!sendsBytes) return new Response(null, { status, headers });

  const source = await openSource(leaseId, grant, selection, length, request.signal, deps);
  if (source instanceof Response) return source;
  return new Response(watched(source, leaseId, grant, length, request, deps), { status, headers });
}

/** The grant behind the lease; null unless seal, redeemer, name and time are all as they were given out. */
async function openLease(
  leaseId: string,
  { token, redeemer, name }: LeaseRequest,
  { ledger, seal, now }: EdgeDeps,
): Promise<Grant | null> {
  const sealed = await ledger.findLease(leaseId);
  const grant = sealed === null ? null : seal.open(sealed);
  if (grant === null || !seal.isLease(token, grant.id, redeemer)) return null;
  if (name !== safeFileName(grant.fileName)) return null;
  return now() < grant.expiresAt + LEASE_TTL_MS ? grant : null;
}

/** The store's stream of what was reserved, or the answer to give instead of it. */
async function openSource(
  leaseId: string,
  grant: Grant,
  selection: Selection,
  length: number,
  signal: AbortSignal,
  { store, ledger, log }: EdgeDeps,
): Promise<ReadableStream<Uint8Array> | Response> {
  const range = selection.kind === 'part' ? { range: selection.range } : {};
  try {
    const object = await store.open({ key: grant.key, version: grant.version, ...range }, signal);
    if (object?.length === length) return object.body;
    await object?.body.cancel();
    log.error(
      { asset: grant.asset, found: object?.length ?? null, expected: length },
      'the stored object is not what was granted',
    );
    await ledger.giveBack(leaseId, length);
    return object ? unavailable() : notFound();
  } catch (cause) {
    if (!signal.aborted) log.error({ err: cause, asset: grant.asset }, 'the store does not answer');
    await ledger.giveBack(leaseId, length);
    return unavailable();
  }
}

function watched(
  source: ReadableStream<Uint8Array>,
  leaseId: string,
  grant: Grant,
  length: number,
  { hangUp }: LeaseRequest,
  { ledger, log, pace, meters }: EdgeDeps,
): ReadableStream<Uint8Array> {
  const stop = meters.downloads.startTimer();
  meters.openDownloads.inc();
  return watchStream(source, {
    mayGoOn: () => ledger.reserve(leaseId, grant, 0, budgetOf(grant)),
    ...pace,
    hangUp,
    sent: (bytes) => meters.sentBytes.inc(bytes),
    ended: ({ reason, sentBytes }) => {
      meters.openDownloads.dec();
      stop({ outcome: reason });
      if (reason !== 'complete') log.info({ asset: grant.asset, reason, sentBytes, length }, 'download ended early');
      if (sentBytes === length) return;
      ledger.giveBack(leaseId, length - sentBytes).catch((cause: unknown) => {
        log.error({ err: cause, asset: grant.asset }, 'bytes that were not sent could not be given back');
      });
    },
  });
}

function lengthOf(selection: Selection, grant: Grant): number {
  if (selection.kind === 'unsatisfiable') return 0;
  return selection.kind === 'part' ? selection.range.last - selection.range.first + 1 : grant.sizeBytes;
}

function headersOf(grant: Grant, etag: string, selection: Selection, length: number): Record<string, string> {
  return {
    ...GUARDED_HEADERS,
    'accept-ranges': 'bytes',
    'content-disposition': attachment(safeFileName(grant.fileName)),
    'content-length': String(length),
    ...(selection.kind === 'part'
      ? { 'content-range': `bytes ${selection.range.first}-${selection.range.last}/${grant.sizeBytes}` }
      : {}),
    'content-type': safeMimeType(grant.mimeType),
    etag,
  };
}

/** Strong (RFC 9110, section 8.8.3): the stored version is pinned, so its bytes never change. */
function entityTag(grant: Grant): string {
  return `"${createHash('sha256').update(`${grant.key}\n${grant.version}`).digest('base64url').slice(0, 27)}"`;
}

/** Bytes that the lease of this file is good for. */
function budgetOf(grant: Grant): number {
  return grant.sizeBytes * BUDGET_FILES;
}
