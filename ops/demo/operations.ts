/** The demo's GraphQL, as a storefront developer would write it. */
export const CREATE_UPLOAD = /* GraphQL */ `
  mutation CreateUpload($input: CreateUploadInput!) {
    createUpload(input: $input) {
      asset { id }
      form { url fields { name value } }
    }
  }
`;

export const FINALIZE_UPLOAD = /* GraphQL */ `
  mutation FinalizeUpload($input: FinalizeUploadInput!) {
    finalizeUpload(input: $input) { asset { id state } }
  }
`;

export const FOLLOW = /* GraphQL */ `
  subscription Follow($assetId: ID!) {
    assetEvents(assetId: $assetId) {
      cursor seq at type state stage verdict
      progress { done total }
    }
  }
`;

export const ASSET = /* GraphQL */ `
  query Asset($id: ID!) {
    asset(id: $id) {
      id state fileName
      preview { url width height }
      decision { verdict reasons decidedBy }
    }
  }
`;

export const QUARANTINE = /* GraphQL */ `
  query Quarantine {
    quarantine(first: 50) {
      edges { node { id title state evidence { stage verdict findings { code detail score } } moderationPreview { url } } }
    }
  }
`;

export const MODERATE = /* GraphQL */ `
  mutation Moderate($input: ModerateAssetInput!) {
    moderateAsset(input: $input) { asset { id state } }
  }
`;

export const PUBLISH = /* GraphQL */ `
  mutation Publish($input: PublishAssetInput!) {
    publishAsset(input: $input) { asset { id visibility } }
  }
`;

export const TENANT_OF_ME = /* GraphQL */ `
  query TenantOfMe { me { id displayName tenant { id slug name } } }
`;

export const ISSUE_LICENSE = /* GraphQL */ `
  mutation IssueLicense($input: IssueLicenseInput!) {
    issueLicense(input: $input) { license { id keyHint seats } key }
  }
`;

export const CREATE_DOWNLOAD = /* GraphQL */ `
  mutation CreateDownload($input: CreateDownloadInput!) {
    createDownload(input: $input) { url expiresAt }
  }
`;

export const REQUEST_ACCESS = /* GraphQL */ `
  mutation RequestAccess($input: RequestPrivilegedAccessInput!) {
    requestPrivilegedAccess(input: $input) { request { id state } }
  }
`;

export const APPROVE_ACCESS = /* GraphQL */ `
  mutation ApproveAccess($input: PrivilegedAccessRequestInput!) {
    approvePrivilegedAccess(input: $input) { request { id state expiresAt } }
  }
`;

export const REVOKE_ACCESS = /* GraphQL */ `
  mutation RevokeAccess($input: PrivilegedAccessRequestInput!) {
    revokePrivilegedAccess(input: $input) { request { id state } }
  }
`;

export const AUDIT = /* GraphQL */ `
  query Audit {
    auditEntries(first: 200) { edges { node { at actor action subject outcome address } } }
  }
`;
