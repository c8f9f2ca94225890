import { failure, toGraphQLError } from '@assay/failure';
import { canHave, isForEverybody, type Permission, type PermissionTable, verifyAllowed } from '@assay/policy';
import type { Principal } from '@assay/principal';
import { type GraphQLObjectType, type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql';
import { applyMiddleware } from 'graphql-middleware';
import { allow, deny, rule, shield } from 'graphql-shield';

type Rule = ReturnType<typeof rule> extends (...args: never[]) => infer R ? R : never;
type Rules = Record<string, Record<string, Rule | typeof allow>>;

/** What federation itself adds; the principal is demanded before any of it runs. */
const FEDERATION: Readonly<Record<string, readonly string[]>> = { Query: ['_service', '_entities'], _Service: ['sdl'] };

/**
 * Puts graphql-shield over a subgraph: each field's rule is its entry in the permission table.
 *
 * Shield's traps are closed here: a field without an entry, an entry without a field or an interface stops the start
 * (shield ignores rules on interfaces in silence); nothing is cached by context, since a stream's context outlives a right;
 * `subscribe` is wrapped too, since shield looks only at `resolve`, after the source has started.
 *
 * @throws Error that names the uncovered fields
 */
export function guard(schema: GraphQLSchema, permissions: PermissionTable): GraphQLSchema {
  const guarded = applyMiddleware(
    schema,
    shield<unknown, { principal: Principal }>(rulesOf(schema, permissions), {
      fallbackRule: deny,
      fallbackError: (error) => (error instanceof Error ? error : new Error('refused without a reason')),
      allowExternalErrors: true,
      hashFunction: () => '',
    }),
  );
  guardSources(guarded, permissions);
  return guarded;
}

function rulesOf(schema: GraphQLSchema, permissions: PermissionTable): Rules {
  const rules: Rules = {};
  const missing: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || (!isObjectType(type) && !isInterfaceType(type))) continue;
    if (isInterfaceType(type))
      throw new Error(`${type.name} is an interface, and rules on interfaces would be ignored.`);
    rules[type.name] = Object.fromEntries(
      Object.keys(type.getFields()).map((field) => {
        if (FEDERATION[type.name]?.includes(field)) return [field, allow];
        const permission = permissions[`${type.name}.${field}`];
        if (!permission) missing.push(`${type.name}.${field}`);
        return [field, permission ? ruleOf(permission) : deny];
      }),
    );
  }
  if (missing.length > 0) throw new Error(`The permission table has no entry for ${missing.join(', ')}.`);
  return rules;
}

const known = new Map<string, Rule>();

function ruleOf(permission: Permission): Rule | typeof allow {
  const { scope, policies = [] } = permission;
  if (isForEverybody(scope) && policies.length === 0) return allow;
  const name = [scope, ...policies].join(' ');
  const existing = known.get(name);
  if (existing) return existing;
  const made = rule(name, { cache: 'no_cache' })(
    (_parent: unknown, _args: unknown, context: { principal: Principal }) => {
      const decision = canHave(context.principal, permission);
      return decision.allowed ? true : toGraphQLError(failure(decision.code, decision.message), () => undefined);
    },
  );
  known.set(name, made);
  return made;
}

function guardSources(schema: GraphQLSchema, permissions: PermissionTable): void {
  const root: GraphQLObjectType | null | undefined = schema.getSubscriptionType();
  for (const field of Object.values(root?.getFields() ?? {})) {
    const permission = permissions[`Subscription.${field.name}`];
    const { subscribe } = field;
    if (!permission || !subscribe) throw new Error(`Subscription.${field.name} has no rule or no source.`);
    field.subscribe = (parent, args, context: { principal: Principal }, info) => {
      verifyAllowed(canHave(context.principal, permission));
      return subscribe(parent, args, context, info);
    };
  }
}
