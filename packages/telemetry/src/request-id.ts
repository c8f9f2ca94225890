import { randomUUID } from 'node:crypto';

/** What an inbound request id may look like; anything else is replaced, since it goes into logs and the audit trail. */
const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;

/**
 * The id that a request goes by in answers, logs and the audit trail: the caller's own where it can be taken, a new UUID otherwise.
 *
 * @param inbound the request's `x-request-id`
 */
export function requestIdOf(inbound: string | undefined): string {
  return inbound !== undefined && REQUEST_ID.test(inbound) ? inbound : randomUUID();
}
