import { type DirectiveNode, type DocumentNode, Kind, type SchemaExtensionNode, type ValueNode } from 'graphql';
import type { AnyOf, Claim, Need } from './need.ts';

/** What stands on a type or a field. */
export interface Annotated {
  readonly directives?: readonly DirectiveNode[] | undefined;
}

/** Reads what the directives on a type or a field ask of a caller. */
export type ReadNeed = (node: Annotated | null | undefined) => Need;

type Spec = 'authenticated' | 'requiresScopes' | 'policy';

/**
 * The access directives of a supergraph (Apollo Federation 2.5 and 2.6: `@authenticated`, `@requiresScopes`, `@policy`), under
 * whatever names its links give them.
 */
export function accessDirectives(supergraph: DocumentNode): ReadNeed {
  const links = supergraph.definitions.flatMap((node) =>
    node.kind === Kind.SCHEMA_DEFINITION || node.kind === Kind.SCHEMA_EXTENSION ? linksOf(node) : [],
  );
  const nameOf = (spec: Spec) => links.find(({ url }) => isOf(url, spec))?.as ?? spec;
  const [authenticated, requiresScopes, policy] = [nameOf('authenticated'), nameOf('requiresScopes'), nameOf('policy')];
  const read = (directive: DirectiveNode): readonly AnyOf[] => {
    switch (directive.name.value) {
      case authenticated:
        return [AUTHENTICATED];
      case requiresScopes:
        return [setsOf(directive, 'scopes', 'scope')];
      case policy:
        return [setsOf(directive, 'policies', 'policy')];
      default:
        return [];
    }
  };
  return (node) => node?.directives?.flatMap(read) ?? [];
}

const AUTHENTICATED: AnyOf = [[{ kind: 'authenticated', name: '' }]];

interface Link {
  readonly url: string;
  readonly as: string | null;
}

/** Link 1.0: `@link(url:, as:, import:)`; these features have one directive each, of their own name. */
function linksOf({ directives }: Pick<SchemaExtensionNode, 'directives'>): readonly Link[] {
  const links = directives?.filter(({ name }) => name.value === 'link') ?? [];
  return links.map((link) => {
    const url = textOf(argumentOf(link, 'url')) ?? '';
    return { url, as: importedName(argumentOf(link, 'import')) ?? textOf(argumentOf(link, 'as')) };
  });
}

/** The name that an import gives to the one directive of its feature. */
function importedName(value: ValueNode | undefined): string | null {
  for (const item of value?.kind === Kind.LIST ? value.values : []) {
    if (item.kind !== Kind.OBJECT) continue;
    const [name, as] = ['name', 'as'].map((key) =>
      textOf(item.fields.find((field) => field.name.value === key)?.value),
    );
    if (name?.startsWith('@') && as?.startsWith('@')) return as.slice(1);
  }
  return null;
}

function isOf(url: string, spec: Spec): boolean {
  return new RegExp(`/${spec}(/v[\\d.]+)?/?$`).test(url);
}

/** Lists within lists: any of the outer, all of the inner. What cannot be read is held by nobody. */
function setsOf(directive: DirectiveNode, argument: string, kind: Claim['kind']): AnyOf {
  const value = argumentOf(directive, argument);
  if (value?.kind !== Kind.LIST) return [];
  return value.values.flatMap((set) => {
    const names = (set.kind === Kind.LIST ? set.values : [set]).map(textOf);
    return names.includes(null) ? [] : [names.map((name) => ({ kind, name: name ?? '' }))];
  });
}

function argumentOf(directive: DirectiveNode, name: string): ValueNode | undefined {
  return directive.arguments?.find((argument) => argument.name.value === name)?.value;
}

function textOf(value: ValueNode | undefined): string | null {
  return value?.kind === Kind.STRING ? value.value : null;
}
