import type { Policy } from '../policies.ts';
import type { Scope } from '../scope.ts';

/** What a field asks for. Rows are narrowed further by row level security and by the subgraph's own rules. */
export interface Permission {
  readonly scope: Scope;
  /** All of them, beside the scope. */
  readonly policies?: readonly Policy[];
}

export type PermissionTable = Readonly<Record<string, Permission>>;

/** Entries for several fields of one type that ask for the same. */
export function fields(type: string, scope: Scope, names: string, policies?: readonly Policy[]): PermissionTable {
  const permission: Permission = policies ? { scope, policies } : { scope };
  return Object.fromEntries(
    names
      .split(/\s+/)
      .filter(Boolean)
      .map((name) => [`${type}.${name}`, permission]),
  );
}

/** Entries of mutations: each asks for its scope, and that nothing speaks against changes by this caller now. */
export function mutations(scope: Scope, names: string): PermissionTable {
  return fields('Mutation', scope, names, ['risk:tolerable']);
}
