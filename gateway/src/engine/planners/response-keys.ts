import { type DocumentNode, Kind, parse, type SelectionSetNode } from 'graphql';

/**
 * The response keys that a planned operation brings: at its root, or below one field of its root such as `_entities`, whatever
 * type the entity has. Read when they are first asked for, since only a fetch that failed is asked what it would have brought.
 *
 * @param below the root field's response key; null for the root itself
 */
export function responseKeys(operation: string, below: string | null): () => ReadonlySet<string> {
  let read: ReadonlySet<string> | undefined;
  return () => {
    read ??= readKeys(operation, below);
    return read;
  };
}

function readKeys(operation: string, below: string | null): ReadonlySet<string> {
  const document = parse(operation, { noLocation: true });
  const keys = new Set<string>();
  for (const definition of document.definitions)
    if (definition.kind === Kind.OPERATION_DEFINITION) collect(document, definition.selectionSet, below, keys);
  return keys;
}

function collect(document: DocumentNode, set: SelectionSetNode, below: string | null, keys: Set<string>): void {
  for (const node of set.selections) {
    if (node.kind === Kind.FIELD) {
      const key = node.alias?.value ?? node.name.value;
      if (below === null) keys.add(key);
      else if (key === below && node.selectionSet) collect(document, node.selectionSet, null, keys);
      continue;
    }
    const inner = node.kind === Kind.INLINE_FRAGMENT ? node.selectionSet : fragmentOf(document, node.name.value);
    if (inner) collect(document, inner, below, keys);
  }
}

function fragmentOf(document: DocumentNode, name: string): SelectionSetNode | undefined {
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === name) return node.selectionSet;
  return undefined;
}
