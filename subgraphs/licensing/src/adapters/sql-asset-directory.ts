import type { AssetDirectory, DirectoryEntry } from '../downloads/asset-directory.ts';
import type { Transaction } from './database.ts';

interface Row {
  readonly id: string;
  readonly tenant_id: string;
  readonly owner_id: string;
  readonly state: string;
  readonly visibility: DirectoryEntry['visibility'];
  readonly store_key: string | null;
  readonly store_version: string | null;
  readonly file_name: string;
  readonly mime: string | null;
  readonly size_bytes: bigint | null;
}

/** The port as one SQL function that media grants to licensing's role. */
export const sqlAssetDirectory: AssetDirectory<Transaction> = {
  find: async (tx, assetId) => {
    const [row] = await tx.$queryRaw<Row[]>`select * from media.asset_directory(${assetId}::uuid)`;
    if (!row) return null;
    return {
      id: row.id,
      tenantId: row.tenant_id,
      ownerId: row.owner_id,
      state: row.state,
      visibility: row.visibility,
      key: row.store_key,
      version: row.store_version,
      fileName: row.file_name,
      mimeType: row.mime,
      sizeBytes: row.size_bytes,
    };
  },
};
