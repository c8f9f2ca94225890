/** What licensing has to know of an asset; answered in the transaction that makes the licence or the grant. */
export interface DirectoryEntry {
  readonly id: string;
  readonly tenantId: string;
  readonly ownerId: string;
  readonly state: string;
  readonly visibility: 'PRIVATE' | 'TENANT' | 'MARKETPLACE';
  /** Null until the bytes lie where buyers may have them. */
  readonly key: string | null;
  readonly version: string | null;
  readonly fileName: string;
  readonly mimeType: string | null;
  readonly sizeBytes: bigint | null;
}

/** Media's answers; no input of a caller is believed, and none of them is older than this transaction. */
export interface AssetDirectory<Tx> {
  find(tx: Tx, assetId: string): Promise<DirectoryEntry | null>;
}
