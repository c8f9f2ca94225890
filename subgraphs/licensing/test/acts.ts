import type { Principal } from '@assay/principal';
import { expect } from 'vitest';
import type { House } from './house.ts';

export const ISSUE = `mutation ($input: IssueLicenseInput!) { issueLicense(input: $input) { key license { id seats seatsUsed keyHint state expiresAt asset { id } } } }`;
const DOWNLOAD = `mutation ($input: CreateDownloadInput!) { createDownload(input: $input) { url expiresAt } }`;
const LICENSE = `query ($id: ID!) { license(id: $id) { id seats seatsUsed keyHint state } }`;

export interface Issued {
  readonly key: string;
  readonly license: {
    readonly id: string;
    readonly seatsUsed: number;
    readonly keyHint: string;
    readonly state: string;
  };
}

/** What sellers and buyers do at a house. */
export function actsAt(house: () => House) {
  return {
    /** To the buyer's tenant, by the seller's author unless told. */
    issue: async (assetId: string, more: object = {}, who = house().seller.person('author')): Promise<Issued> => {
      const { data, codes } = await house().ask(who, ISSUE, {
        input: { assetId, tenantId: house().buyer.id, ...more },
      });
      expect(codes).toEqual([]);
      return data?.['issueLicense'] as Issued;
    },
    /** @returns the link, or the code of the refusal */
    download: async (who: Principal, assetId: string, licenseKey?: string) => {
      const { data, codes } = await house().ask(who, DOWNLOAD, { input: { assetId, licenseKey } });
      return codes[0] ?? (data?.['createDownload'] as { url: string }).url;
    },
    license: async (who: Principal, id: string) => (await house().ask(who, LICENSE, { id })).data?.['license'],
  };
}
