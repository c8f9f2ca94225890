/** How long a grant waits to be spent. */
export const GRANT_TTL_MS = 300_000;
/** How long the lease lasts that a spent grant turns into. */
export const LEASE_TTL_MS = 600_000;

/** What one download may be: written once by licensing, read by the edge, and by nobody believed without its seal. */
export interface Grant {
  /** The user who may download (UUID). */
  readonly subject: string;
  /** The user's tenant (UUID). */
  readonly tenant: string;
  readonly asset: string;
  /** Null when the owner downloads what is his own. */
  readonly license: string | null;
  /** Where the bytes lie: the object's key and pinned version in the media bucket. */
  readonly key: string;
  readonly version: string;
  /** Sanitised at upload; what the file is called on the downloader's disk. */
  readonly fileName: string;
  readonly mimeType: string;
  readonly sizeBytes: number;
  /** The counters as they stood before the asset's and the licence's state were read; any bump since voids the grant. */
  readonly assetEpoch: string;
  readonly licenseEpoch: string;
  /** Redis's `run_id`: a grant of an earlier life of Redis is void, so that no crash revives what was spent. */
  readonly boot: string;
  /** Milliseconds since the epoch; after it the grant cannot be spent, whatever Redis says of its age. */
  readonly expiresAt: number;
}

const TEXTS = ['subject', 'tenant', 'asset', 'key', 'version', 'fileName', 'mimeType', 'assetEpoch', 'licenseEpoch', 'boot'] as const;

/** Writes a grant as the text that is sealed. */
export function formatGrant(grant: Grant): string {
  return JSON.stringify(grant);
}

/** Reads what {@link formatGrant} wrote; null for everything else. Call it on text whose seal holds. */
export function parseGrant(text: string): Grant | null {
  const value = parseJson(text);
  return isGrant(value) ? value : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isGrant(value: unknown): value is Grant {
  if (typeof value !== 'object' || value === null) return false;
  const fields: Partial<Record<string, unknown>> = { ...value };
  return (
    TEXTS.every((name) => typeof fields[name] === 'string') &&
    (fields['license'] === null || typeof fields['license'] === 'string') &&
    Number.isSafeInteger(fields['sizeBytes']) &&
    Number.isSafeInteger(fields['expiresAt'])
  );
}
