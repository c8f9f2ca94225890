import type { Principal } from '@assay/principal';
import { ALLOWED, type Decision, denied } from './decision.ts';
import type { Permission } from './permissions/permission.ts';
import { canUse } from './scope.ts';

/** What is asked of a caller beside a scope, by the name that `@policy` gives it. */
export type Policy = 'risk:tolerable';

interface Rule {
  holds(principal: Principal): boolean;
  /** What its reader gets where it does not hold. */
  readonly refusal: string;
}

const POLICIES: Readonly<Record<Policy, Rule>> = {
  'risk:tolerable': { holds: ({ risk }) => risk < 1, refusal: 'Nothing is changed from where this session is now.' },
};
const NAMES = Object.keys(POLICIES).filter(isPolicy);

/** The policies that hold of a caller: what a gateway answers `@policy` by (Apollo Federation 2.6). */
export function policiesOf(principal: Principal): readonly Policy[] {
  return NAMES.filter((name) => POLICIES[name].holds(principal));
}

/** Whether the principal has the scope and every policy that a field asks for. */
export function canHave(principal: Principal, { scope, policies }: Permission): Decision {
  const byScope = canUse(principal, scope);
  if (!byScope.allowed) return byScope;
  const missing = policies?.find((name) => !POLICIES[name].holds(principal));
  return missing ? denied('FORBIDDEN', POLICIES[missing].refusal) : ALLOWED;
}

function isPolicy(name: string): name is Policy {
  return name in POLICIES;
}
