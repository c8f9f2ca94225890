export { type AssetFacts, canActOnAsset, canReadAsset, canReadAssetRecord } from './asset.ts';
export { ALLOWED, type Decision, denied, verifyAllowed } from './decision.ts';
export { type Permission, type PermissionTable, permissions } from './permissions/index.ts';
export { canHave, type Policy, policiesOf } from './policies.ts';
export { canUse, isForEverybody, type Scope, scopesOf } from './scope.ts';
