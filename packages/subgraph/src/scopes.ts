import { isForEverybody, type Permission, type PermissionTable } from '@assay/policy';
import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
} from 'graphql';

/**
 * Writes the permission table into a subgraph's SDL, as the directives that a gateway cuts operations by (Apollo Federation 2.5 and
 * 2.6: `@authenticated`, `@requiresScopes`, `@policy`). What is for everybody bears none.
 *
 * @throws Error that names the fields without an entry
 */
export function writeScopes(sdl: DocumentNode, permissions: PermissionTable): DocumentNode {
  const missing: string[] = [];
  const write = (type: ObjectTypeDefinitionNode, field: FieldDefinitionNode): FieldDefinitionNode => {
    const name = `${type.name.value}.${field.name.value}`;
    const permission = permissions[name];
    if (!permission) missing.push(name);
    // Another subgraph's field: its directives are that one's to give.
    const isExternal = field.directives?.some((directive) => directive.name.value === 'external');
    if (!permission || isExternal) return field;
    return { ...field, directives: [...(field.directives ?? []), ...directivesOf(permission)] };
  };
  const definitions = sdl.definitions.map((node) =>
    node.kind === Kind.OBJECT_TYPE_DEFINITION && node.fields
      ? { ...node, fields: node.fields.map((field) => write(node, field)) }
      : node,
  );
  if (missing.length > 0) throw new Error(`The permission table has no entry for ${missing.join(', ')}.`);
  return { ...sdl, definitions };
}

function directivesOf({ scope, policies = [] }: Permission): readonly ConstDirectiveNode[] {
  return [
    ...(isForEverybody(scope) ? [] : [directive('authenticated'), directive('requiresScopes', 'scopes', [scope])]),
    ...(policies.length > 0 ? [directive('policy', 'policies', policies)] : []),
  ];
}

/** With one set of names, of which it takes all. */
function directive(name: string, argument?: string, names: readonly string[] = []): ConstDirectiveNode {
  const all = { kind: Kind.LIST, values: names.map((value) => ({ kind: Kind.STRING, value }) as const) } as const;
  const value = { kind: Kind.LIST, values: [all] } as const;
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: name },
    arguments: argument ? [{ kind: Kind.ARGUMENT, name: { kind: Kind.NAME, value: argument }, value }] : [],
  };
}
