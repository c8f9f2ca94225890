import type { $Enums } from '@assay/database/clients/media';
import type { AssetKnowledge } from './records.ts';

export interface PreviewFile {
  readonly width: number;
  readonly height: number;
  readonly mimeType: string;
  /** In the media bucket. */
  readonly key: string;
}

/** An asset as somebody may see it. */
export interface AssetRecord {
  readonly id: string;
  readonly tenantId: string;
  readonly ownerId: string;
  readonly kind: $Enums.AssetKind | null;
  readonly state: $Enums.AssetState;
  readonly visibility: $Enums.Visibility;
  readonly title: string;
  readonly fileName: string;
  readonly mimeType: string | null;
  readonly sizeBytes: bigint | null;
  /** Null to other tenants. */
  readonly sha256: string | null;
  readonly epoch: bigint;
  /** Widest first; empty unless READY. */
  readonly previews: readonly PreviewFile[];
  readonly createdAt: Date;
  readonly readyAt: Date | null;
  /** Through which door it was seen: the rows of one's own tenant, the storefront, a licence, or as a moderator. */
  readonly seenAs: 'TENANT' | 'STOREFRONT' | 'LICENSEE' | 'MODERATOR';
  /** What was known of it when an act left it, for an actor who can no longer read it. */
  readonly asLeft?: AssetKnowledge;
}

/** A row of `media.known_asset` and the views beside it, as SQL gives it. */
export interface AssetRow {
  id: string;
  tenant_id: string;
  owner_id: string;
  kind: $Enums.AssetKind | null;
  state: $Enums.AssetState;
  visibility: $Enums.Visibility;
  title: string;
  file_name: string;
  mime_type: string | null;
  size_bytes: bigint | null;
  sha256: string | null;
  epoch: bigint;
  previews: PreviewFile[] | null;
  created_at: Date;
  ready_at: Date | null;
  seen_as: AssetRecord['seenAs'];
}

/** Names a row's columns as the domain does. */
export function recordOf(row: AssetRow): AssetRecord {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    ownerId: row.owner_id,
    kind: row.kind,
    state: row.state,
    visibility: row.visibility,
    title: row.title,
    fileName: row.file_name,
    mimeType: row.mime_type,
    sizeBytes: row.size_bytes,
    sha256: row.sha256,
    epoch: row.epoch,
    previews: row.previews ?? [],
    createdAt: row.created_at,
    readyAt: row.ready_at,
    seenAs: row.seen_as,
  };
}

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

/** Whether `id` could be an asset's at all; anything else names nothing, and is not worth a query. */
export function isAssetId(id: string): boolean {
  return UUID.test(id);
}
