export { accessClass } from './access-class.ts';
export { anonymous, type Principal, ROLES, type Role, type Tier } from './principal.ts';
export {
  createPrincipalSigner,
  createPrincipalVerifier,
  type PrincipalSigner,
  type PrincipalVerifier,
} from './token.ts';
