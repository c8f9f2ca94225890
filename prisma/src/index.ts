export { type Backend, type Cancelling, withCancelling } from './cancelling.ts';
export { type RefusableAct, type RefusalBook, recordRefused } from './record-refused.ts';
export {
  createRoles,
  DEFINER_ROLES,
  LOGIN_ROLES,
  type LoginRole,
  OWNER,
  type RolePasswords,
  RUNTIME_ROLES,
  type RuntimeRole,
} from './roles.ts';
export { withSqlFailures } from './sql-failure.ts';
export { verifyFences } from './verify-fences.ts';
export {
  type Actor,
  type RawExecutor,
  type SystemActor,
  settingsOf,
  type TenantOptions,
  type TransactionHost,
  type TransactionOptions,
  withTenant,
} from './with-tenant.ts';
