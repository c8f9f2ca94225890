import type { DocumentNode, OperationDefinitionNode, SelectionSetNode } from 'graphql';
import { Kind } from 'graphql';
import { fragmentsOf } from './collect.ts';

/** How many fields an operation has, every fragment in its place: what is compiled of it grows with that, not with its text. */
export function countFields(document: DocumentNode, { selectionSet }: OperationDefinitionNode): number {
  const fragments = fragmentsOf(document);
  const known = new Map<string, number>();

  const inFragment = (name: string): number => {
    const found = known.get(name);
    if (found !== undefined) return found;
    // A document that was validated has no fragment that spreads itself; in any other it ends here.
    known.set(name, 0);
    const made = inSet(fragments.get(name)?.selectionSet);
    known.set(name, made);
    return made;
  };

  const inSet = (set: SelectionSetNode | undefined): number => {
    let count = 0;
    for (const node of set?.selections ?? []) {
      if (node.kind === Kind.FRAGMENT_SPREAD) count += inFragment(node.name.value);
      else count += (node.kind === Kind.FIELD ? 1 : 0) + inSet(node.selectionSet);
    }
    return count;
  };
  return inSet(selectionSet);
}
