import { z } from 'zod';

export const ROLES = ['buyer', 'author', 'reviewer', 'admin', 'platform_admin', 'security'] as const;
export type Role = (typeof ROLES)[number];
export type Tier = 'STANDARD' | 'ENTERPRISE';

/** Who asks. Built once a request by the gateway, handed to each subgraph as a signed token, never read from a header. */
export interface Principal {
  /** The user's id (UUID), or null for an anonymous visitor. */
  readonly subject: string | null;
  readonly tenantId: string | null;
  readonly roles: readonly Role[];
  readonly scopes: readonly string[];
  readonly entitlements: readonly string[];
  readonly tier: Tier | null;
  readonly issuer: string | null;
  /** The session that the token belongs to (our own row's id); it ends with it. */
  readonly sessionId: string | null;
  readonly acr: string | null;
  readonly amr: readonly string[];
  /** Seconds since the epoch. */
  readonly authTime: number | null;
  /** End of the caller's own token or session, in seconds since the epoch; a stream is closed then. */
  readonly expiresAt: number | null;
  /** 0 (usual) to 1 (refuse). */
  readonly risk: number;
  /** The caller's network, already truncated (RFC 6973 data minimization: /24 for IPv4, /48 for IPv6). */
  readonly address: string | null;
  readonly requestId: string;
}

export const principalSchema = z
  .object({
    subject: z.uuid().nullable(),
    tenantId: z.uuid().nullable(),
    roles: z.array(z.enum(ROLES)).readonly(),
    scopes: z.array(z.string()).readonly(),
    entitlements: z.array(z.string()).readonly(),
    tier: z.enum(['STANDARD', 'ENTERPRISE']).nullable(),
    issuer: z.string().nullable(),
    sessionId: z.string().nullable(),
    acr: z.string().nullable(),
    amr: z.array(z.string()).readonly(),
    authTime: z.number().nullable(),
    expiresAt: z.number().nullable(),
    risk: z.number().min(0).max(1),
    address: z.string().nullable(),
    requestId: z.string(),
  })
  .readonly();

/** The principal of a visitor who is not signed in: no tenant, and the one scope that opens the storefront. */
export function anonymous(requestId: string, address: string | null): Principal {
  return Object.freeze({
    subject: null,
    tenantId: null,
    roles: [],
    scopes: ['storefront:read'],
    entitlements: [],
    tier: null,
    issuer: null,
    sessionId: null,
    acr: null,
    amr: [],
    authTime: null,
    expiresAt: null,
    risk: 0,
    address,
    requestId,
  });
}
