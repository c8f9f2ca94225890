import {
  type ConstDirectiveNode,
  type ConstValueNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
} from 'graphql';

/** `@listSize` of the IBM GraphQL cost specification, 5.2. */
export interface ListSize {
  readonly assumedSize: number | null;
  /** Ways to an argument, or into an input object that is one: `['filter', 'max']`. */
  readonly slicingArguments: readonly (readonly string[])[];
  /** Fields of what is given whose length it tells; none: the field's own. */
  readonly sizedFields: readonly (readonly string[])[];
  readonly requireOneSlicingArgument: boolean;
}

/** What `@cost` and `@listSize` say in a supergraph; null where they say nothing. */
export interface CostDirectives {
  /** @param coordinate a schema coordinate: `Type`, `Type.field`, `Type.field(argument:)`, `Input.field` */
  weightOf(coordinate: string): number | null;
  listSizeOf(type: string, field: string): ListSize | null;
}

/**
 * Reads the cost directives of a supergraph, under whatever names its link to `https://specs.apollo.dev/cost` gives them.
 * Composition has merged what several subgraphs say: the largest weight and size, all slicing arguments.
 */
export function readCostDirectives(supergraph: DocumentNode): CostDirectives {
  const names = namesOf(supergraph);
  const weights = new Map<string, number>();
  const listSizes = new Map<string, ListSize>();

  const note = (coordinate: string, directives: readonly ConstDirectiveNode[] | undefined) => {
    for (const directive of directives ?? []) {
      if (directive.name.value === names.cost) weights.set(coordinate, numberOf(argumentOf(directive, 'weight')) ?? 0);
      if (directive.name.value === names.listSize) listSizes.set(coordinate, listSizeOf(directive));
    }
  };
  for (const definition of supergraph.definitions) {
    if (!('name' in definition) || !definition.name) continue;
    const type = definition.name.value;
    if ('directives' in definition) note(type, constant(definition));
    for (const field of fieldsOf(definition)) {
      note(`${type}.${field.name.value}`, field.directives);
      for (const argument of field.arguments ?? [])
        note(`${type}.${field.name.value}(${argument.name.value}:)`, argument.directives);
    }
    if (definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
      for (const field of definition.fields ?? []) note(`${type}.${field.name.value}`, field.directives);
  }
  return {
    weightOf: (coordinate) => weights.get(coordinate) ?? null,
    listSizeOf: (type, field) => listSizes.get(`${type}.${field}`) ?? null,
  };
}

function constant(definition: DefinitionNode): readonly ConstDirectiveNode[] | undefined {
  switch (definition.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_DEFINITION:
    case Kind.UNION_TYPE_DEFINITION:
    case Kind.SCALAR_TYPE_DEFINITION:
    case Kind.ENUM_TYPE_DEFINITION:
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      return definition.directives;
    default:
      return undefined;
  }
}

function fieldsOf(definition: DefinitionNode): readonly FieldDefinitionNode[] {
  return definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION
    ? (definition.fields ?? [])
    : [];
}

/** Link 1.0: what an import names keeps its name or gets the one given; what none names is prefixed, but for the feature's own. */
function namesOf({ definitions }: DocumentNode): { readonly cost: string; readonly listSize: string } {
  for (const node of definitions) {
    if (node.kind !== Kind.SCHEMA_DEFINITION && node.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const link of node.directives ?? []) {
      const url = argumentOf(link, 'url');
      if (link.name.value !== 'link' || url?.kind !== Kind.STRING || !/\/cost\/v[\d.]+\/?$/.test(url.value)) continue;
      const imports = importsOf(argumentOf(link, 'import'));
      const as = argumentOf(link, 'as');
      const prefix = as?.kind === Kind.STRING ? as.value : 'cost';
      return {
        cost: imports.get('@cost') ?? prefix,
        listSize: imports.get('@listSize') ?? `${prefix}__listSize`,
      };
    }
  }
  return { cost: 'cost', listSize: 'listSize' };
}

function importsOf(value: ConstValueNode | undefined): ReadonlyMap<string, string> {
  const imports = new Map<string, string>();
  for (const item of value?.kind === Kind.LIST ? value.values : []) {
    if (item.kind === Kind.STRING) imports.set(item.value, item.value.slice(1));
    if (item.kind !== Kind.OBJECT) continue;
    const [name, as] = ['name', 'as'].map((key) => item.fields.find((field) => field.name.value === key)?.value);
    if (name?.kind !== Kind.STRING) continue;
    imports.set(name.value, (as?.kind === Kind.STRING ? as.value : name.value).slice(1));
  }
  return imports;
}

function listSizeOf(directive: ConstDirectiveNode): ListSize {
  const required = argumentOf(directive, 'requireOneSlicingArgument');
  return {
    assumedSize: numberOf(argumentOf(directive, 'assumedSize')),
    slicingArguments: pathsOf(argumentOf(directive, 'slicingArguments')),
    sizedFields: pathsOf(argumentOf(directive, 'sizedFields')),
    requireOneSlicingArgument: required?.kind === Kind.BOOLEAN ? required.value : true,
  };
}

function pathsOf(value: ConstValueNode | undefined): readonly (readonly string[])[] {
  const texts = value?.kind === Kind.LIST ? value.values : value ? [value] : [];
  return texts.flatMap((text) => (text.kind === Kind.STRING ? [text.value.split('.')] : []));
}

/** IBM writes weights as texts, Apollo as integers. */
function numberOf(value: ConstValueNode | undefined): number | null {
  if (value?.kind !== Kind.INT && value?.kind !== Kind.FLOAT && value?.kind !== Kind.STRING) return null;
  const number = Number(value.value);
  return Number.isFinite(number) ? number : null;
}

function argumentOf(directive: ConstDirectiveNode, name: string): ConstValueNode | undefined {
  return directive.arguments?.find((argument) => argument.name.value === name)?.value;
}
