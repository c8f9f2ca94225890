import { randomUUID } from 'node:crypto';
import { scopesOf } from '@assay/policy';
import { anonymous, type Principal, type Role } from '@assay/principal';

export const NORTHLIGHT = '018f0000-0000-7000-8000-00000000000a';
export const TIDEPOOL = '018f0000-0000-7000-8000-00000000000b';
export const ASSAY = '018f0000-0000-7000-8000-00000000000c';

/** Somebody who is signed in, as the gateway would say it. */
export function person(role: Role, tenantId: string, subject: string = randomUUID()): Principal {
  return Object.freeze({
    ...anonymous(`test-${subject.slice(0, 8)}`, '192.0.2.0/24'),
    subject,
    tenantId,
    roles: [role],
    scopes: scopesOf([role], []),
    tier: 'STANDARD' as const,
    issuer: 'https://issuer.test',
    sessionId: `session-${subject}`,
  });
}

export const visitor = anonymous('test-visitor', '192.0.2.0/24');
export const author = person('author', NORTHLIGHT, '018f0000-0000-7000-8000-000000000001');
export const reviewer = person('reviewer', NORTHLIGHT, '018f0000-0000-7000-8000-000000000002');
export const admin = person('admin', NORTHLIGHT, '018f0000-0000-7000-8000-000000000003');
export const buyer = person('buyer', NORTHLIGHT, '018f0000-0000-7000-8000-000000000004');
export const otherAuthor = person('author', TIDEPOOL, '018f0000-0000-7000-8000-000000000005');
export const otherAdmin = person('admin', TIDEPOOL, '018f0000-0000-7000-8000-000000000006');
export const otherBuyer = person('buyer', TIDEPOOL, '018f0000-0000-7000-8000-000000000007');
export const moderator = person('platform_admin', ASSAY, '018f0000-0000-7000-8000-000000000008');
export const security = person('security', ASSAY, '018f0000-0000-7000-8000-000000000009');
