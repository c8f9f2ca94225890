import { licenseOf } from './places.ts';

/** How long a grant waits to be spent. */
export const GRANT_TTL_MS = 300_000;
/** How long the lease lasts that a spent grant turns into. */
export const LEASE_TTL_MS = 600_000;

/** What one download may be: written once by licensing, read by the edge, and by nobody believed without its seal. */
export interface Grant {
  /** The hash of its token, which is its name everywhere. */
  readonly id: string;
  /** Redis's `run_id`: a grant of an earlier life of Redis is void, so that no crash revives what was spent. */
  readonly boot: string;
  readonly asset: string;
  /** Null when the owner downloads what is his own. */
  readonly license: string | null;
  /** The counters as they stood before the asset's and the licence's (the owner's) state were read; any bump since voids the grant. */
  readonly assetEpoch: string;
  readonly licenseEpoch: string;
  /** The user who may download (UUID). */
  readonly subject: string;
  /** The user's tenant (UUID). */
  readonly tenant: string;
  /** Milliseconds since the epoch; after it the grant cannot be spent, whatever Redis says of its age. */
  readonly expiresAt: number;
  readonly sizeBytes: number;
  /** Where the bytes lie: the object's key and pinned version in the media bucket. */
  readonly key: string;
  readonly version: string;
  readonly mimeType: string;
  /** Sanitised at upload; what the file is called on the downloader's disk. */
  readonly fileName: string;
}

/** The lines of the text, in their order. */
const FIELDS = [
  'id',
  'boot',
  'asset',
  'license',
  'assetEpoch',
  'licenseEpoch',
  'subject',
  'tenant',
  'expiresAt',
  'sizeBytes',
  'key',
  'version',
  'mimeType',
  'fileName',
] as const satisfies readonly (keyof Grant)[];

/**
 * Writes a grant as the text that is sealed: a field a line, in this order, so that a script in Redis can read
 * the first seven as cheaply as the edge reads all.
 *
 * @throws TypeError when a field holds a line break
 */
export function formatGrant(grant: Grant): string {
  const written = { ...grant, license: licenseOf(grant.license, grant.asset) };
  const fields = FIELDS.map((name) => String(written[name]));
  if (fields.some((field) => field.includes('\n'))) throw new TypeError('No field of a grant has a line break.');
  return fields.join('\n');
}

/** Reads what {@link formatGrant} wrote; null for everything else. Call it on text whose seal holds. */
export function parseGrant(text: string): Grant | null {
  const lines = text.split('\n');
  if (lines.length !== FIELDS.length || lines.includes('')) return null;
  const at = (name: keyof Grant) => lines[FIELDS.indexOf(name)] ?? '';
  return {
    id: at('id'),
    boot: at('boot'),
    asset: at('asset'),
    license: at('license').startsWith('owner:') ? null : at('license'),
    assetEpoch: at('assetEpoch'),
    licenseEpoch: at('licenseEpoch'),
    subject: at('subject'),
    tenant: at('tenant'),
    expiresAt: Number(at('expiresAt')),
    sizeBytes: Number(at('sizeBytes')),
    key: at('key'),
    version: at('version'),
    mimeType: at('mimeType'),
    fileName: at('fileName'),
  };
}
