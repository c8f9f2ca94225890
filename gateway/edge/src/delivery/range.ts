import type { ByteRange } from '../store.ts';

/** What of a file a request is for. */
export type Selection =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: ByteRange }
  | { readonly kind: 'unsatisfiable' };

const WHOLE: Selection = { kind: 'whole' };

/**
 * Reads `Range` and `If-Range` (RFC 9110, sections 13.1.5 and 14.2).
 *
 * One byte range is served as such. A server may ignore what it does not serve: other units, malformed sets and several
 * ranges at once give the whole file, so that a request for a thousand overlapping ranges is not an amplifier.
 *
 * @param ifRange only a strong entity tag can match, since there is no modification date to compare
 */
export function selectRange(
  header: string | undefined,
  ifRange: string | undefined,
  etag: string,
  sizeBytes: number,
): Selection {
  if (header === undefined || (ifRange !== undefined && ifRange !== etag)) return WHOLE;
  const match = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header);
  const [, from = '', to = ''] = match ?? [];
  if (!match || (from === '' && to === '')) return WHOLE;
  if (from === '') return lastBytes(Number(to), sizeBytes);
  const first = Number(from);
  const last = to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  if (to !== '' && Number(to) < first) return WHOLE;
  return first < sizeBytes ? { kind: 'part', range: { first, last } } : { kind: 'unsatisfiable' };
}

function lastBytes(count: number, sizeBytes: number): Selection {
  if (count === 0 || sizeBytes === 0) return { kind: 'unsatisfiable' };
  return { kind: 'part', range: { first: Math.max(0, sizeBytes - count), last: sizeBytes - 1 } };
}
