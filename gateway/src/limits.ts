import { failure } from '@assay/failure';
import { type DocumentNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';

/** Names, punctuators and values of a document. */
export const MAX_TOKENS = 10_000;
/** Fields within fields. The introspection that GraphiQL sends has 15. */
const MAX_DEPTH = 24;
/** Fields once every fragment stands in its place. */
const MAX_FIELDS = 2_000;
/** Fields at the root of one operation: each is a call of a subgraph, and each of a mutation waits for the one before. */
const MAX_ROOT_FIELDS = 50;
/** Selection sets within each other, fragments not followed: how deep the walk itself goes. */
const MAX_NESTING = 200;

interface Measure {
  readonly depth: number;
  readonly fields: number;
  /** Fields of the set itself. */
  readonly width: number;
}

/**
 * Measures a document without a schema, before anything walks it at greater cost. Fragments count wherever they are spread: a
 * hundred that each spread the next twice are a short text and 2^100 fields.
 *
 * @throws Failure TOO_COMPLEX that names the limit
 */
export function verifyLimits(document: DocumentNode): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const measure = createMeasure(fragments);
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION && node.kind !== Kind.FRAGMENT_DEFINITION) continue;
    const { depth, fields, width } = measure(node.selectionSet, 1);
    verify(depth, MAX_DEPTH, 'levels of fields');
    verify(fields, MAX_FIELDS, 'fields');
    if (node.kind === Kind.OPERATION_DEFINITION) verify(width, MAX_ROOT_FIELDS, 'fields at its root');
  }
}

function verify(found: number, limit: number, what: string): void {
  if (found > limit) throw failure('TOO_COMPLEX', `A document has at most ${limit} ${what}.`);
}

function createMeasure(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
  const known = new Map<string, Measure>();

  const ofFragment = (name: string): Measure => {
    const found = known.get(name);
    if (found) return found;
    // A fragment that spreads itself is refused by validation; here it ends.
    known.set(name, { depth: 0, fields: 0, width: 0 });
    const fragment = fragments.get(name);
    const made = fragment ? measure(fragment.selectionSet, 1) : { depth: 0, fields: 0, width: 0 };
    known.set(name, made);
    return made;
  };

  const measure = ({ selections }: SelectionSetNode, level: number): Measure => {
    verify(level, MAX_NESTING, 'selections within each other');
    let [depth, fields, width] = [0, 0, 0];
    for (const node of selections) {
      if (node.kind === Kind.FIELD) {
        const inner = node.selectionSet ? measure(node.selectionSet, level + 1) : null;
        depth = Math.max(depth, 1 + (inner?.depth ?? 0));
        fields += 1 + (inner?.fields ?? 0);
        width += 1;
        continue;
      }
      const inner =
        node.kind === Kind.FRAGMENT_SPREAD ? ofFragment(node.name.value) : measure(node.selectionSet, level + 1);
      depth = Math.max(depth, inner.depth);
      fields += inner.fields;
      width += inner.width;
    }
    return { depth, fields, width };
  };
  return measure;
}
