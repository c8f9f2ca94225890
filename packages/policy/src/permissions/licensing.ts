import { fields, mutations, type PermissionTable } from './permission.ts';

export const licensingPermissions: PermissionTable = {
  ...fields('Query', 'storefront:read', 'license'),
  ...fields('Asset', 'storefront:read', 'licenses'),
  ...fields('License', 'storefront:read', 'id asset seats seatsUsed keyHint state expiresAt'),
  ...fields('LicenseConnection', 'storefront:read', 'edges pageInfo'),
  ...fields('LicenseEdge', 'storefront:read', 'node cursor'),
  ...mutations('license:issue', 'issueLicense'),
  ...mutations('download:create', 'createDownload'),
  ...fields('IssueLicensePayload', 'license:issue', 'license key'),
  ...fields('CreateDownloadPayload', 'download:create', 'url expiresAt'),
};
