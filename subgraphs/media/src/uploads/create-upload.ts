import { failure, type Problem } from '@assay/failure';
import type { Principal } from '@assay/principal';
import type { MediaTx } from '../assets/transaction.ts';
import { audit, lockAsset, tell } from '../assets/write.ts';
import { findTenantPolicy } from '../policy/find-policy.ts';
import { sanitizeFileName, sanitizeTitle } from './file-name.ts';
import type { IncomingBucket, SignedForm } from './ports.ts';

export interface UploadRequest {
  readonly title: string;
  readonly fileName: string;
  readonly contentType: string;
  readonly sizeBytes: bigint;
  readonly visibility: 'PRIVATE' | 'TENANT';
}

export interface OpenUpload {
  readonly assetId: string;
  readonly form: SignedForm;
  readonly expiresAt: Date;
  readonly maxSizeBytes: bigint;
}

/** How long a form can be posted, in seconds. */
const FORM_LIFETIME_S = 15 * 60;
/** Above what a principal may ask for in a minute (100), times two. */
const MAX_OPEN_UPLOADS = 200;

type Write = <T>(work: (tx: MediaTx) => Promise<T>) => Promise<T>;

/**
 * Registers an asset and signs the one form that can bring its bytes: exactly this key, exactly this content type,
 * one byte to the declared size, fifteen minutes.
 *
 * @throws Failure BAD_USER_INPUT with a problem for each thing that is not taken, RATE_LIMITED with too many uploads open
 */
export async function createUpload(
  request: UploadRequest,
  principal: Principal,
  write: Write,
  incoming: IncomingBucket,
): Promise<OpenUpload> {
  const expiresAt = new Date(Date.now() + FORM_LIFETIME_S * 1_000);
  const { id, key } = await write(async (tx) => {
    await verifyTaken(tx, request, principal);
    await verifyFewOpen(tx, principal);
    return register(tx, request, principal, expiresAt);
  });
  const form = await incoming.signForm({
    key,
    contentType: request.contentType,
    maxSizeBytes: Number(request.sizeBytes),
    lifetimeS: FORM_LIFETIME_S,
  });
  return { assetId: id, form, expiresAt, maxSizeBytes: request.sizeBytes };
}

async function verifyTaken(tx: MediaTx, request: UploadRequest, principal: Principal): Promise<void> {
  const { tenantId, tier } = principal;
  if (tenantId === null) throw failure('FORBIDDEN', 'Uploads belong to a tenant, and you are in none.');
  const { settings } = await findTenantPolicy(tx, tenantId);
  const { contentTypes, maxSizeBytes } = settings.uploads[tier ?? 'STANDARD'];
  const problems: Problem[] = [];
  const refuse = (field: string, message: string) => void problems.push({ path: ['input', field], message });
  if (!contentTypes.includes(request.contentType)) {
    refuse(
      'contentType',
      `"${request.contentType.slice(0, 100)}" is not taken; these are: ${contentTypes.join(', ')}.`,
    );
  }
  if (request.sizeBytes < 1n) refuse('sizeBytes', 'An empty file is not taken.');
  if (request.sizeBytes > BigInt(maxSizeBytes)) refuse('sizeBytes', `At most ${maxSizeBytes} bytes are taken.`);
  if (sanitizeFileName(request.fileName) === null)
    refuse('fileName', 'Nothing is left of this name once it is made safe.');
  if (sanitizeTitle(request.title) === null) refuse('title', 'A title has at least one visible character.');
  if (problems.length > 0)
    throw failure('BAD_USER_INPUT', problems.map(({ message }) => message).join(' '), { problems });
}

/** Two at once of the same person are counted one after the other. */
async function verifyFewOpen(tx: MediaTx, { subject }: Principal): Promise<void> {
  if (subject === null) throw failure('UNAUTHENTICATED', 'Sign in to upload.');
  await tx.$queryRaw`select pg_advisory_xact_lock(hashtextextended('uploads:' || ${subject}, 0))::text`;
  const open = await tx.asset.count({
    where: { ownerId: subject, state: 'AWAITING_UPLOAD', formExpiresAt: { gt: new Date() } },
  });
  if (open >= MAX_OPEN_UPLOADS) {
    throw failure(
      'RATE_LIMITED',
      `You have ${open} uploads that wait for their bytes. Finish some, or wait until their forms expire.`,
    );
  }
}

async function register(tx: MediaTx, request: UploadRequest, { subject, tenantId }: Principal, formExpiresAt: Date) {
  const [fresh] = await tx.$queryRaw<{ id: string }[]>`select uuidv7() as id`;
  if (!fresh || subject === null || tenantId === null)
    throw failure('FORBIDDEN', 'Uploads belong to a user of a tenant.');
  await lockAsset(tx, fresh.id);
  const { id, objectKey } = await tx.asset.create({
    data: {
      id: fresh.id,
      tenantId,
      ownerId: subject,
      visibility: request.visibility,
      title: sanitizeTitle(request.title) ?? '',
      fileName: sanitizeFileName(request.fileName) ?? '',
      declaredType: request.contentType,
      declaredBytes: request.sizeBytes,
      formExpiresAt,
    },
    select: { id: true, objectKey: true },
  });
  await tell(tx, id, { type: 'CREATED', state: 'AWAITING_UPLOAD' });
  await audit(tx, 'asset.create', id, 'AWAITING_UPLOAD');
  return { id, key: objectKey };
}
