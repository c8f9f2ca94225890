/** The counters that any quarantine, deletion or revocation bumps, read before the states are. */
export interface Epochs {
  readonly boot: string;
  readonly asset: string;
  readonly license: string;
}

/** Where grants wait to be spent. Away: nobody gets one. */
export interface Grants {
  /** @throws Failure UPSTREAM_UNAVAILABLE */
  epochs(assetId: string, licenseId: string | null): Promise<Epochs>;
  /**
   * @param sealed the grant's text under its seal
   * @throws Failure UPSTREAM_UNAVAILABLE
   */
  keep(id: string, sealed: string, ttlMs: number): Promise<void>;
}
