import { graphql } from './generated/gql.ts';

/** The console's GraphQL; the types are generated from it and from the public schema. */
export const MARKETPLACE = graphql(`
  query Marketplace($after: String) {
    assets(first: 24, after: $after, filter: { visibility: MARKETPLACE }) {
      edges { node { id title owner { displayName } tenant { name } preview { sizes { url width height } } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const MY_ASSETS = graphql(`
  query MyAssets($after: String) {
    assets(first: 24, after: $after, filter: { mine: true }) {
      edges { node { id title fileName state visibility createdAt preview { sizes { url width height } } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const TENANT_ASSETS = graphql(`
  query TenantAssets($after: String) {
    assets(first: 24, after: $after, filter: { ownTenant: true }) {
      edges { node { id title fileName state visibility createdAt preview { sizes { url width height } } } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const ASSET = graphql(`
  query AssetPage($id: ID!) {
    asset(id: $id) {
      id title fileName state visibility mimeType sizeBytes sha256 createdAt readyAt
      owner { id displayName }
      tenant { id name }
      preview { url width height sizes { url width height } }
      decision { verdict policyVersion reasons note decidedAt decidedBy }
      evidence { stage verdict tool toolVersion dataVersion durationMs findings { code detail score } }
      licenses(first: 20) { edges { node { id keyHint seats seatsUsed state expiresAt } } }
    }
  }
`);

export const FOLLOW = graphql(`
  subscription FollowAsset($assetId: ID!, $after: String) {
    assetEvents(assetId: $assetId, after: $after) {
      cursor seq at type state stage verdict progress { done total }
    }
  }
`);

export const CREATE_UPLOAD = graphql(`
  mutation CreateUpload($input: CreateUploadInput!) {
    createUpload(input: $input) { asset { id title } form { url fields { name value } } }
  }
`);

export const FINALIZE_UPLOAD = graphql(`
  mutation FinalizeUpload($input: FinalizeUploadInput!) {
    finalizeUpload(input: $input) { asset { id state } }
  }
`);

export const PUBLISH = graphql(`
  mutation Publish($input: PublishAssetInput!) { publishAsset(input: $input) { asset { id visibility } } }
`);

export const DELETE = graphql(`
  mutation Delete($input: DeleteAssetInput!) { deleteAsset(input: $input) { asset { id state } } }
`);

export const ISSUE_LICENSE = graphql(`
  mutation IssueLicense($input: IssueLicenseInput!) { issueLicense(input: $input) { license { id keyHint } key } }
`);

export const CREATE_DOWNLOAD = graphql(`
  mutation CreateDownload($input: CreateDownloadInput!) { createDownload(input: $input) { url expiresAt } }
`);

export const QUARANTINE = graphql(`
  query Quarantine($after: String) {
    quarantine(first: 20, after: $after) {
      edges {
        node {
          id title fileName createdAt tenant { name }
          moderationPreview { url width height }
          evidence { stage verdict tool toolVersion dataVersion durationMs findings { code detail score } }
          decision { reasons note decidedAt }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const WATCH_QUARANTINE = graphql(`
  subscription WatchQuarantine($after: String) { moderationEvents(after: $after) { cursor assetId state } }
`);

export const MODERATE = graphql(`
  mutation Moderate($input: ModerateAssetInput!) {
    moderateAsset(input: $input) { asset { id title state decision { note } } }
  }
`);

export const SESSIONS = graphql(`
  query Sessions { sessions { id current userAgent address createdAt lastSeenAt expiresAt } }
`);

export const REVOKE_SESSION = graphql(`
  mutation RevokeSession($input: RevokeSessionInput!) { revokeSession(input: $input) { session { id } } }
`);

export const ACCESS_REQUESTS = graphql(`
  query AccessRequests($after: String) {
    privilegedAccessRequests(first: 50, after: $after) {
      edges { node { id scope requester reason state minutes expiresAt createdAt } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

export const REQUEST_ACCESS = graphql(`
  mutation RequestAccess($input: RequestPrivilegedAccessInput!) { requestPrivilegedAccess(input: $input) { request { id state } } }
`);

export const APPROVE_ACCESS = graphql(`
  mutation ApproveAccess($input: PrivilegedAccessRequestInput!) { approvePrivilegedAccess(input: $input) { request { id state } } }
`);

export const REVOKE_ACCESS = graphql(`
  mutation RevokeAccess($input: PrivilegedAccessRequestInput!) { revokePrivilegedAccess(input: $input) { request { id state } } }
`);

export const AUDIT = graphql(`
  query AuditEntries($after: String, $filter: AuditFilter) {
    auditEntries(first: 50, after: $after, filter: $filter) {
      edges { node { id at actor action subject outcome address } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
