/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query Marketplace($after: String) {\n    assets(first: 24, after: $after, filter: { visibility: MARKETPLACE }) {\n      edges { node { id title owner { displayName } tenant { name } preview { sizes { url width height } } } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": typeof types.MarketplaceDocument,
    "\n  query MyAssets($after: String) {\n    assets(first: 24, after: $after, filter: { mine: true }) {\n      edges { node { id title fileName state visibility createdAt preview { sizes { url width height } } } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": typeof types.MyAssetsDocument,
    "\n  query TenantAssets($after: String) {\n    assets(first: 24, after: $after, filter: { ownTenant: true }) {\n      edges { node { id title fileName state visibility createdAt preview { sizes { url width height } } } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": typeof types.TenantAssetsDocument,
    "\n  query AssetPage($id: ID!) {\n    asset(id: $id) {\n      id title fileName state visibility mimeType sizeBytes sha256 createdAt readyAt\n      owner { id displayName }\n      tenant { id name }\n      preview { url width height sizes { url width height } }\n      decision { verdict policyVersion reasons note decidedAt decidedBy }\n      evidence { stage verdict tool toolVersion dataVersion durationMs findings { code detail score } }\n      licenses(first: 20) { edges { node { id keyHint seats seatsUsed state expiresAt } } }\n    }\n  }\n": typeof types.AssetPageDocument,
    "\n  subscription FollowAsset($assetId: ID!, $after: String) {\n    assetEvents(assetId: $assetId, after: $after) {\n      cursor seq at type state stage verdict progress { done total }\n    }\n  }\n": typeof types.FollowAssetDocument,
    "\n  mutation CreateUpload($input: CreateUploadInput!) {\n    createUpload(input: $input) { asset { id title } form { url fields { name value } } }\n  }\n": typeof types.CreateUploadDocument,
    "\n  mutation FinalizeUpload($input: FinalizeUploadInput!) {\n    finalizeUpload(input: $input) { asset { id state } }\n  }\n": typeof types.FinalizeUploadDocument,
    "\n  mutation Publish($input: PublishAssetInput!) { publishAsset(input: $input) { asset { id visibility } } }\n": typeof types.PublishDocument,
    "\n  mutation Delete($input: DeleteAssetInput!) { deleteAsset(input: $input) { asset { id state } } }\n": typeof types.DeleteDocument,
    "\n  mutation IssueLicense($input: IssueLicenseInput!) { issueLicense(input: $input) { license { id keyHint } key } }\n": typeof types.IssueLicenseDocument,
    "\n  mutation CreateDownload($input: CreateDownloadInput!) { createDownload(input: $input) { url expiresAt } }\n": typeof types.CreateDownloadDocument,
    "\n  query Quarantine($after: String) {\n    quarantine(first: 20, after: $after) {\n      edges {\n        node {\n          id title fileName createdAt tenant { name }\n          moderationPreview { url width height }\n          evidence { stage verdict tool toolVersion dataVersion durationMs findings { code detail score } }\n          decision { reasons note decidedAt }\n        }\n      }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": typeof types.QuarantineDocument,
    "\n  subscription WatchQuarantine($after: String) { moderationEvents(after: $after) { cursor assetId state } }\n": typeof types.WatchQuarantineDocument,
    "\n  mutation Moderate($input: ModerateAssetInput!) {\n    moderateAsset(input: $input) { asset { id title state decision { note } } }\n  }\n": typeof types.ModerateDocument,
    "\n  query Sessions { sessions { id current userAgent address createdAt lastSeenAt expiresAt } }\n": typeof types.SessionsDocument,
    "\n  mutation RevokeSession($input: RevokeSessionInput!) { revokeSession(input: $input) { session { id } } }\n": typeof types.RevokeSessionDocument,
    "\n  query AccessRequests($after: String) {\n    privilegedAccessRequests(first: 50, after: $after) {\n      edges { node { id scope requester reason state minutes expiresAt createdAt } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": typeof types.AccessRequestsDocument,
    "\n  mutation RequestAccess($input: RequestPrivilegedAccessInput!) { requestPrivilegedAccess(input: $input) { request { id state } } }\n": typeof types.RequestAccessDocument,
    "\n  mutation ApproveAccess($input: PrivilegedAccessRequestInput!) { approvePrivilegedAccess(input: $input) { request { id state } } }\n": typeof types.ApproveAccessDocument,
    "\n  mutation RevokeAccess($input: PrivilegedAccessRequestInput!) { revokePrivilegedAccess(input: $input) { request { id state } } }\n": typeof types.RevokeAccessDocument,
    "\n  query AuditEntries($after: String, $filter: AuditFilter) {\n    auditEntries(first: 50, after: $after, filter: $filter) {\n      edges { node { id at actor action subject outcome address } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": typeof types.AuditEntriesDocument,
};
const documents: Documents = {
    "\n  query Marketplace($after: String) {\n    assets(first: 24, after: $after, filter: { visibility: MARKETPLACE }) {\n      edges { node { id title owner { displayName } tenant { name } preview { sizes { url width height } } } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": types.MarketplaceDocument,
    "\n  query MyAssets($after: String) {\n    assets(first: 24, after: $after, filter: { mine: true }) {\n      edges { node { id title fileName state visibility createdAt preview { sizes { url width height } } } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": types.MyAssetsDocument,
    "\n  query TenantAssets($after: String) {\n    assets(first: 24, after: $after, filter: { ownTenant: true }) {\n      edges { node { id title fileName state visibility createdAt preview { sizes { url width height } } } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": types.TenantAssetsDocument,
    "\n  query AssetPage($id: ID!) {\n    asset(id: $id) {\n      id title fileName state visibility mimeType sizeBytes sha256 createdAt readyAt\n      owner { id displayName }\n      tenant { id name }\n      preview { url width height sizes { url width height } }\n      decision { verdict policyVersion reasons note decidedAt decidedBy }\n      evidence { stage verdict tool toolVersion dataVersion durationMs findings { code detail score } }\n      licenses(first: 20) { edges { node { id keyHint seats seatsUsed state expiresAt } } }\n    }\n  }\n": types.AssetPageDocument,
    "\n  subscription FollowAsset($assetId: ID!, $after: String) {\n    assetEvents(assetId: $assetId, after: $after) {\n      cursor seq at type state stage verdict progress { done total }\n    }\n  }\n": types.FollowAssetDocument,
    "\n  mutation CreateUpload($input: CreateUploadInput!) {\n    createUpload(input: $input) { asset { id title } form { url fields { name value } } }\n  }\n": types.CreateUploadDocument,
    "\n  mutation FinalizeUpload($input: FinalizeUploadInput!) {\n    finalizeUpload(input: $input) { asset { id state } }\n  }\n": types.FinalizeUploadDocument,
    "\n  mutation Publish($input: PublishAssetInput!) { publishAsset(input: $input) { asset { id visibility } } }\n": types.PublishDocument,
    "\n  mutation Delete($input: DeleteAssetInput!) { deleteAsset(input: $input) { asset { id state } } }\n": types.DeleteDocument,
    "\n  mutation IssueLicense($input: IssueLicenseInput!) { issueLicense(input: $input) { license { id keyHint } key } }\n": types.IssueLicenseDocument,
    "\n  mutation CreateDownload($input: CreateDownloadInput!) { createDownload(input: $input) { url expiresAt } }\n": types.CreateDownloadDocument,
    "\n  query Quarantine($after: String) {\n    quarantine(first: 20, after: $after) {\n      edges {\n        node {\n          id title fileName createdAt tenant { name }\n          moderationPreview { url width height }\n          evidence { stage verdict tool toolVersion dataVersion durationMs findings { code detail score } }\n          decision { reasons note decidedAt }\n        }\n      }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": types.QuarantineDocument,
    "\n  subscription WatchQuarantine($after: String) { moderationEvents(after: $after) { cursor assetId state } }\n": types.WatchQuarantineDocument,
    "\n  mutation Moderate($input: ModerateAssetInput!) {\n    moderateAsset(input: $input) { asset { id title state decision { note } } }\n  }\n": types.ModerateDocument,
    "\n  query Sessions { sessions { id current userAgent address createdAt lastSeenAt expiresAt } }\n": types.SessionsDocument,
    "\n  mutation RevokeSession($input: RevokeSessionInput!) { revokeSession(input: $input) { session { id } } }\n": types.RevokeSessionDocument,
    "\n  query AccessRequests($after: String) {\n    privilegedAccessRequests(first: 50, after: $after) {\n      edges { node { id scope requester reason state minutes expiresAt createdAt } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": types.AccessRequestsDocument,
    "\n  mutation RequestAccess($input: RequestPrivilegedAccessInput!) { requestPrivilegedAccess(input: $input) { request { id state } } }\n": types.RequestAccessDocument,
    "\n  mutation ApproveAccess($input: PrivilegedAccessRequestInput!) { approvePrivilegedAccess(input: $input) { request { id state } } }\n": types.ApproveAccessDocument,
    "\n  mutation RevokeAccess($input: PrivilegedAccessRequestInput!) { revokePrivilegedAccess(input: $input) { request { id state } } }\n": types.RevokeAccessDocument,
    "\n  query AuditEntries($after: String, $filter: AuditFilter) {\n    auditEntries(first: 50, after: $after, filter: $filter) {\n      edges { node { id at actor action subject outcome address } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n": types.AuditEntriesDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Marketplace($after: String) {\n    assets(first: 24, after: $after, filter: { visibility: MARKETPLACE }) {\n      edges { node { id title owner { displayName } tenant { name } preview { sizes { url width height } } } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"): (typeof documents)["\n  query Marketplace($after: String) {\n    assets(first: 24, after: $after, filter: { visibility: MARKETPLACE }) {\n      edges { node { id title owner { displayName } tenant { name } preview { sizes { url width height } } } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query MyAssets($after: String) {\n    assets(first: 24, after: $after, filter: { mine: true }) {\n      edges { node { id title fileName state visibility createdAt preview { sizes { url width height } } } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"): (typeof documents)["\n  query MyAssets($after: String) {\n    assets(first: 24, after: $after, filter: { mine: true }) {\n      edges { node { id title fileName state visibility createdAt preview { sizes { url width height } } } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TenantAssets($after: String) {\n    assets(first: 24, after: $after, filter: { ownTenant: true }) {\n      edges { node { id title fileName state visibility createdAt preview { sizes { url width height } } } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"): (typeof documents)["\n  query TenantAssets($after: String) {\n    assets(first: 24, after: $after, filter: { ownTenant: true }) {\n      edges { node { id title fileName state visibility createdAt preview { sizes { url width height } } } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AssetPage($id: ID!) {\n    asset(id: $id) {\n      id title fileName state visibility mimeType sizeBytes sha256 createdAt readyAt\n      owner { id displayName }\n      tenant { id name }\n      preview { url width height sizes { url width height } }\n      decision { verdict policyVersion reasons note decidedAt decidedBy }\n      evidence { stage verdict tool toolVersion dataVersion durationMs findings { code detail score } }\n      licenses(first: 20) { edges { node { id keyHint seats seatsUsed state expiresAt } } }\n    }\n  }\n"): (typeof documents)["\n  query AssetPage($id: ID!) {\n    asset(id: $id) {\n      id title fileName state visibility mimeType sizeBytes sha256 createdAt readyAt\n      owner { id displayName }\n      tenant { id name }\n      preview { url width height sizes { url width height } }\n      decision { verdict policyVersion reasons note decidedAt decidedBy }\n      evidence { stage verdict tool toolVersion dataVersion durationMs findings { code detail score } }\n      licenses(first: 20) { edges { node { id keyHint seats seatsUsed state expiresAt } } }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription FollowAsset($assetId: ID!, $after: String) {\n    assetEvents(assetId: $assetId, after: $after) {\n      cursor seq at type state stage verdict progress { done total }\n    }\n  }\n"): (typeof documents)["\n  subscription FollowAsset($assetId: ID!, $after: String) {\n    assetEvents(assetId: $assetId, after: $after) {\n      cursor seq at type state stage verdict progress { done total }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateUpload($input: CreateUploadInput!) {\n    createUpload(input: $input) { asset { id title } form { url fields { name value } } }\n  }\n"): (typeof documents)["\n  mutation CreateUpload($input: CreateUploadInput!) {\n    createUpload(input: $input) { asset { id title } form { url fields { name value } } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation FinalizeUpload($input: FinalizeUploadInput!) {\n    finalizeUpload(input: $input) { asset { id state } }\n  }\n"): (typeof documents)["\n  mutation FinalizeUpload($input: FinalizeUploadInput!) {\n    finalizeUpload(input: $input) { asset { id state } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Publish($input: PublishAssetInput!) { publishAsset(input: $input) { asset { id visibility } } }\n"): (typeof documents)["\n  mutation Publish($input: PublishAssetInput!) { publishAsset(input: $input) { asset { id visibility } } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Delete($input: DeleteAssetInput!) { deleteAsset(input: $input) { asset { id state } } }\n"): (typeof documents)["\n  mutation Delete($input: DeleteAssetInput!) { deleteAsset(input: $input) { asset { id state } } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation IssueLicense($input: IssueLicenseInput!) { issueLicense(input: $input) { license { id keyHint } key } }\n"): (typeof documents)["\n  mutation IssueLicense($input: IssueLicenseInput!) { issueLicense(input: $input) { license { id keyHint } key } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateDownload($input: CreateDownloadInput!) { createDownload(input: $input) { url expiresAt } }\n"): (typeof documents)["\n  mutation CreateDownload($input: CreateDownloadInput!) { createDownload(input: $input) { url expiresAt } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Quarantine($after: String) {\n    quarantine(first: 20, after: $after) {\n      edges {\n        node {\n          id title fileName createdAt tenant { name }\n          moderationPreview { url width height }\n          evidence { stage verdict tool toolVersion dataVersion durationMs findings { code detail score } }\n          decision { reasons note decidedAt }\n        }\n      }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"): (typeof documents)["\n  query Quarantine($after: String) {\n    quarantine(first: 20, after: $after) {\n      edges {\n        node {\n          id title fileName createdAt tenant { name }\n          moderationPreview { url width height }\n          evidence { stage verdict tool toolVersion dataVersion durationMs findings { code detail score } }\n          decision { reasons note decidedAt }\n        }\n      }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription WatchQuarantine($after: String) { moderationEvents(after: $after) { cursor assetId state } }\n"): (typeof documents)["\n  subscription WatchQuarantine($after: String) { moderationEvents(after: $after) { cursor assetId state } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Moderate($input: ModerateAssetInput!) {\n    moderateAsset(input: $input) { asset { id title state decision { note } } }\n  }\n"): (typeof documents)["\n  mutation Moderate($input: ModerateAssetInput!) {\n    moderateAsset(input: $input) { asset { id title state decision { note } } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Sessions { sessions { id current userAgent address createdAt lastSeenAt expiresAt } }\n"): (typeof documents)["\n  query Sessions { sessions { id current userAgent address createdAt lastSeenAt expiresAt } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokeSession($input: RevokeSessionInput!) { revokeSession(input: $input) { session { id } } }\n"): (typeof documents)["\n  mutation RevokeSession($input: RevokeSessionInput!) { revokeSession(input: $input) { session { id } } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AccessRequests($after: String) {\n    privilegedAccessRequests(first: 50, after: $after) {\n      edges { node { id scope requester reason state minutes expiresAt createdAt } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"): (typeof documents)["\n  query AccessRequests($after: String) {\n    privilegedAccessRequests(first: 50, after: $after) {\n      edges { node { id scope requester reason state minutes expiresAt createdAt } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RequestAccess($input: RequestPrivilegedAccessInput!) { requestPrivilegedAccess(input: $input) { request { id state } } }\n"): (typeof documents)["\n  mutation RequestAccess($input: RequestPrivilegedAccessInput!) { requestPrivilegedAccess(input: $input) { request { id state } } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ApproveAccess($input: PrivilegedAccessRequestInput!) { approvePrivilegedAccess(input: $input) { request { id state } } }\n"): (typeof documents)["\n  mutation ApproveAccess($input: PrivilegedAccessRequestInput!) { approvePrivilegedAccess(input: $input) { request { id state } } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokeAccess($input: PrivilegedAccessRequestInput!) { revokePrivilegedAccess(input: $input) { request { id state } } }\n"): (typeof documents)["\n  mutation RevokeAccess($input: PrivilegedAccessRequestInput!) { revokePrivilegedAccess(input: $input) { request { id state } } }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AuditEntries($after: String, $filter: AuditFilter) {\n    auditEntries(first: 50, after: $after, filter: $filter) {\n      edges { node { id at actor action subject outcome address } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"): (typeof documents)["\n  query AuditEntries($after: String, $filter: AuditFilter) {\n    auditEntries(first: 50, after: $after, filter: $filter) {\n      edges { node { id at actor action subject outcome address } }\n      pageInfo { hasNextPage endCursor }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;