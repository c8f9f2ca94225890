import { Kind, parse, print, visit } from 'graphql';

/** What @apollo/gateway refuses in a supergraph. */
const REFUSED = new Set(['authenticated', 'requiresScopes', 'policy']);

/** A subgraph without the directives of access, in its fields and in its links. */
export function openSdlOf(sdl: string): string {
  return print(
    visit(parse(sdl), {
      Directive: ({ name }) => (REFUSED.has(name.value) ? null : undefined),
      ListValue: (list) => ({
        ...list,
        values: list.values.filter((each) => each.kind !== Kind.STRING || !REFUSED.has(each.value.slice(1))),
      }),
    }),
  );
}
