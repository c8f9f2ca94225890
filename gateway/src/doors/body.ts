import type { IncomingMessage } from 'node:http';
import { failure } from '@assay/failure';
import { tooManyBytes } from '../limits/refusal.ts';
import { RefusedRequest } from './refused-request.ts';

/** A query of the size of a small book is nobody's query. */
export const MAX_BODY_BYTES = 512 * 1024;
/** How much of a body that is too large is still read and thrown away, so that its sender gets to read the answer. */
const MAX_DISCARDED_BYTES = 16 * 1024 * 1024;

/**
 * Reads the JSON of a POST.
 *
 * @param filesGo what to do with files instead, for those who send them here
 * @throws GraphQLError TOO_COMPLEX when it is larger than `MAX_BODY_BYTES`; Failure BAD_USER_INPUT when it is no JSON in UTF-8;
 *   RefusedRequest 415 when it is compressed
 */
export async function readJson(request: IncomingMessage, filesGo = 'Send them to a store.'): Promise<unknown> {
  verifyNotEncoded(request.headers['content-encoding']);
  verifyJsonType(request.headers['content-type'] ?? '', filesGo);
  const bytes = await readBody(request, MAX_BODY_BYTES);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw failure('BAD_USER_INPUT', 'The body is not JSON in UTF-8.', { cause });
  }
}

/** A few bytes unpack to gigabytes: bodies come as they are. RFC 9110, 15.5.16: the answer says which encodings are taken. */
function verifyNotEncoded(encoding: string | undefined): void {
  if (encoding === undefined || encoding.trim().toLowerCase() === 'identity') return;
  throw new RefusedRequest(415, 'Send the body as it is: no content-encoding is taken.', {
    'accept-encoding': 'identity',
  });
}

/** GraphQL over HTTP, 4.2: a POST names the media type of its body; JSON is UTF-8 (RFC 8259, 8.1). */
function verifyJsonType(type: string, filesGo: string): void {
  const [essence = '', ...parameters] = type
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  if (essence === 'multipart/form-data')
    throw failure('BAD_USER_INPUT', `Files are not taken here. ${filesGo} GraphQL comes as application/json.`);
  const isUtf8 = parameters.every((each) => !each.startsWith('charset=') || /^charset="?utf-?8"?$/.test(each));
  if (essence !== 'application/json' || !isUtf8)
    throw failure('BAD_USER_INPUT', 'Send GraphQL as application/json in UTF-8.');
}

/**
 * Reads a body up to a limit. One that is larger is read on into nothing: closing the socket under a sender makes it see a
 * broken connection instead of our answer.
 */
function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const parts: Buffer[] = [];
  let size = 0;
  request.on('data', (part: Buffer) => {
    size += part.length;
    if (size <= maxBytes) return void parts.push(part);
    parts.length = 0;
    reject(tooManyBytes(maxBytes, Math.max(size, Number(request.headers['content-length'] ?? 0))));
    if (size > MAX_DISCARDED_BYTES) request.destroy();
  });
  request.once('end', () => resolve(Buffer.concat(parts)));
  request.once('error', () => reject(failure('BAD_USER_INPUT', 'The request broke off.')));
  // It closes after its end too, and making an error for nobody costs more than all the rest here.
  request.once('close', () => request.readableEnded || reject(failure('BAD_USER_INPUT', 'The request broke off.')));
  return promise;
}
