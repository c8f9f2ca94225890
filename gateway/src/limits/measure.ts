import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  type Token,
  TokenKind,
} from 'graphql';
import type { Limits } from './limits.ts';
import { MAX_NESTING, tooComplex } from './refusal.ts';

/** What a selection set holds, every fragment in its place. */
interface Measure {
  readonly depth: number;
  readonly fields: number;
  readonly aliases: number;
  readonly directives: number;
  /** Fields of the set itself. */
  readonly width: number;
  /** Fields of the widest set in it. */
  readonly breadth: number;
}

type Measured = keyof Measure;
type MeasureOf = (node: SelectionNode) => Measure;

const NOTHING: Measure = { depth: 0, fields: 0, aliases: 0, directives: 0, width: 0, breadth: 0 };

const WHAT = {
  depth: 'levels of fields',
  fields: 'fields',
  aliases: 'aliases',
  directives: 'directives',
  breadth: 'fields in one selection',
} as const;

/**
 * Measures a document without a schema, before anything walks it at greater cost. Fragments count wherever they are spread: a
 * hundred that each spread the next twice are a short text and 2^100 fields.
 *
 * @throws GraphQLError TOO_COMPLEX that names the limit, the value, the maximum and the place
 */
export function verifyLimits(document: DocumentNode, limits: Limits): void {
  verifyNesting(document);
  verifyCount('operations', document, Kind.OPERATION_DEFINITION, limits.operations);
  verifyCount('fragments', document, Kind.FRAGMENT_DEFINITION, limits.fragments);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  const measureOf = createMeasure(fragments);
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION && node.kind !== Kind.FRAGMENT_DEFINITION) continue;
    const found = measureSet(node.selectionSet, measureOf, node.directives?.length ?? 0);
    for (const name of ['depth', 'fields', 'aliases', 'directives', 'breadth'] as const) {
      if (found[name] <= limits[name]) continue;
      const place = placeOf(node.selectionSet, name, limits[name], measureOf, fragments);
      throw tooComplex({ limit: name, what: WHAT[name], value: found[name], maximum: limits[name], ...place });
    }
    if (node.kind === Kind.OPERATION_DEFINITION && found.width > limits.rootFields)
      throw tooComplex({
        limit: 'rootFields',
        what: 'fields at its root',
        value: found.width,
        maximum: limits.rootFields,
        node,
      });
  }
}

/** Selections, values and types alike stand in brackets. The place is the first bracket that is too deep. */
function verifyNesting({ loc }: DocumentNode): void {
  let [level, deepest] = [0, 0];
  let first: Token | null = null;
  for (let token = loc?.startToken ?? null; token; token = token.next) {
    level += LEVELS[token.kind] ?? 0;
    deepest = Math.max(deepest, level);
    if (level > MAX_NESTING) first ??= token;
  }
  if (loc && first)
    throw tooComplex({
      limit: 'nesting',
      what: 'values or selections within each other',
      value: deepest,
      maximum: MAX_NESTING,
      at: { source: loc.source, position: first.start },
    });
}

const LEVELS: Readonly<Partial<Record<TokenKind, number>>> = {
  [TokenKind.BRACE_L]: 1,
  [TokenKind.BRACKET_L]: 1,
  [TokenKind.PAREN_L]: 1,
  [TokenKind.BRACE_R]: -1,
  [TokenKind.BRACKET_R]: -1,
  [TokenKind.PAREN_R]: -1,
};

/** The place is the first that is too much. */
function verifyCount(
  what: 'operations' | 'fragments',
  { definitions }: DocumentNode,
  kind: Kind,
  maximum: number,
): void {
  const found = definitions.filter((node) => node.kind === kind);
  if (found.length > maximum)
    throw tooComplex({ limit: what, what, value: found.length, maximum, node: found[maximum] });
}

/** Measures selections, each fragment once. */
function createMeasure(fragments: ReadonlyMap<string, FragmentDefinitionNode>): MeasureOf {
  const known = new Map<string, Measure>();
  let level = 0;

  const ofFragment = (name: string): Measure => {
    const found = known.get(name);
    if (found) return found;
    // A fragment that spreads itself is refused by validation; here it ends.
    known.set(name, NOTHING);
    const fragment = fragments.get(name);
    const made = fragment ? nested(fragment.selectionSet, fragment.directives?.length ?? 0) : NOTHING;
    known.set(name, made);
    return made;
  };

  const nested = (set: SelectionSetNode, directives: number): Measure => {
    level += 1;
    if (level > MAX_NESTING)
      throw tooComplex({
        limit: 'nesting',
        what: 'selections within each other',
        value: level,
        maximum: MAX_NESTING,
        node: set,
      });
    const made = measureSet(set, measureOf, directives);
    level -= 1;
    return made;
  };

  const measureOf: MeasureOf = (node) => {
    const directives = node.directives?.length ?? 0;
    if (node.kind === Kind.FRAGMENT_SPREAD) {
      const inner = ofFragment(node.name.value);
      return directives > 0 ? { ...inner, directives: inner.directives + directives } : inner;
    }
    const inner = node.selectionSet ? nested(node.selectionSet, directives) : { ...NOTHING, directives };
    if (node.kind === Kind.INLINE_FRAGMENT) return inner;
    return {
      ...inner,
      depth: inner.depth + 1,
      fields: inner.fields + 1,
      aliases: inner.aliases + (node.alias ? 1 : 0),
      width: 1,
    };
  };
  return measureOf;
}

function measureSet({ selections }: SelectionSetNode, measureOf: MeasureOf, directives: number): Measure {
  const total = { ...NOTHING, directives };
  for (const node of selections) {
    const inner = measureOf(node);
    total.depth = Math.max(total.depth, inner.depth);
    total.fields += inner.fields;
    total.aliases += inner.aliases;
    total.directives += inner.directives;
    total.width += inner.width;
    total.breadth = Math.max(total.breadth, inner.breadth);
  }
  total.breadth = Math.max(total.breadth, total.width);
  return total;
}

/**
 * Goes down as long as one selection is too much by itself. Of a depth, the place is the first field that lies too deep. Only
 * what is refused is looked at a second time.
 */
function placeOf(
  set: SelectionSetNode,
  name: Exclude<Measured, 'width'>,
  maximum: number,
  measureOf: MeasureOf,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): { readonly node: SelectionSetNode | SelectionNode; readonly path: readonly string[] } {
  const path: string[] = [];
  const passed = new Set<string>();
  let node: SelectionSetNode | SelectionNode = set;
  for (let inside: SelectionSetNode | undefined = set; inside; ) {
    const allowed = name === 'depth' ? maximum - path.length : maximum;
    const guilty: SelectionNode | undefined = inside.selections.find((each) => measureOf(each)[name] > allowed);
    if (!guilty) break;
    node = guilty;
    if (guilty.kind === Kind.FIELD) path.push(guilty.alias?.value ?? guilty.name.value);
    if (name === 'depth' && path.length > maximum) break;
    if (guilty.kind !== Kind.FRAGMENT_SPREAD) {
      inside = guilty.selectionSet;
      continue;
    }
    if (passed.has(guilty.name.value)) break;
    passed.add(guilty.name.value);
    inside = fragments.get(guilty.name.value)?.selectionSet;
  }
  return { node, path };
}
