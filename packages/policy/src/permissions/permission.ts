import type { Scope } from '../scope.ts';

/** What a field asks for. Rows are narrowed further by row level security and by the subgraph's own rules. */
export interface Permission {
  readonly scope: Scope;
}

export type PermissionTable = Readonly<Record<string, Permission>>;

/** Entries for several fields of one type that ask for the same scope. */
export function fields(type: string, scope: Scope, names: string): PermissionTable {
  return Object.fromEntries(
    names
      .split(/\s+/)
      .filter(Boolean)
      .map((name) => [`${type}.${name}`, { scope }]),
  );
}
