import {
  astFromValue,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredInputField,
  parse,
  print,
  validate,
} from 'graphql';

/** A query over a schema, and its variables. */
export interface RandomQuery {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Makes a valid query, or a mutation now and then: aliases, fragments of both kinds, conditions by variable and by literal,
 * arguments by both too, left out, null and by default, repeats.
 */
export function randomQuery(schema: GraphQLSchema, seed: number, ids: readonly string[]): RandomQuery {
  const random = randomOf(seed);
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const made = new Writer(schema, random, ids).write();
    if (validate(schema, parse(made.query)).length === 0) return made;
  }
  throw new Error(`No valid query came of seed ${seed}.`);
}

class Writer {
  readonly #fragments: { readonly name: string; readonly on: GraphQLCompositeType; readonly text: string }[] = [];
  #nextFragment = 0;
  readonly #conditions: Readonly<Record<string, boolean>> = { t: true, f: false };
  /** By name: how it is declared, and what it is given. */
  readonly #variables = new Map<string, { readonly declared: string; readonly given: unknown }>();

  constructor(
    readonly schema: GraphQLSchema,
    readonly random: () => number,
    readonly ids: readonly string[],
  ) {}

  write(): RandomQuery {
    const mutation = this.random() < 0.08 ? this.schema.getMutationType() : undefined;
    const root = mutation ?? this.schema.getQueryType();
    if (!root) throw new Error('No query type.');
    const body = this.#set(root, 4 + Math.floor(this.random() * 2));
    const declared = [...this.#variables].map(([name, variable]) => `$${name}: ${variable.declared}`).join(', ');
    const kind = mutation ? 'mutation' : declared ? 'query' : '';
    const head = `${kind}${declared ? ` (${declared})` : ''} `.trimStart();
    const given = [...this.#variables].flatMap(([name, variable]) =>
      variable.given === undefined ? [] : [[name, variable.given]],
    );
    const fragments = this.#fragments.map(({ name, on, text }) => `fragment ${name} on ${on.name} ${text}`);
    return { query: [head + body, ...fragments].join('\n'), variables: Object.fromEntries(given) };
  }

  #set(type: GraphQLCompositeType, depth: number): string {
    const parts: string[] = [];
    const wanted = depth < -2 ? 0 : 1 + Math.floor(this.random() * 4);
    for (let n = 0; n < wanted; n += 1) {
      const part = this.#part(type, depth);
      if (part) parts.push(part);
    }
    return `{ ${parts.length > 0 ? parts.join(' ') : '__typename'} }`;
  }

  #part(type: GraphQLCompositeType, depth: number): string | null {
    const die = this.random();
    if (die < 0.08) return this.random() < 0.3 ? `${this.#pick(['alias', '__isIt'])}: __typename` : '__typename';
    if (die < 0.25 || !('getFields' in type)) return this.#fragment(type, depth);
    return this.#field(this.#pick(Object.values(type.getFields())), depth);
  }

  #field(field: GraphQLField<unknown, unknown> | undefined, depth: number): string | null {
    if (!field) return null;
    const named = getNamedType(field.type);
    const isComposite = isCompositeType(named);
    if (isComposite && depth <= 0) return null;
    const alias = this.random() < 0.15 ? `${this.#pick(['x', 'y', 'name', 'id', 'constructor', '__id']) ?? 'x'}: ` : '';
    const args = field.args.flatMap((argument) => this.#argument(argument));
    const set = isComposite ? ` ${this.#set(named, depth - 1)}` : '';
    return `${alias}${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}${this.#condition()}${set}`;
  }

  #fragment(type: GraphQLCompositeType, depth: number): string {
    const around = this.#overlapping(type);
    const known = this.#pick(this.#fragments.filter((each) => around.includes(each.on)));
    if (known && this.random() < 0.3) return `...${known.name}${this.#condition()}`;
    const on = this.#pick(around) ?? type;
    const set = this.#set(on, depth - 1);
    if (this.random() < 0.6)
      return `...${on === type && this.random() < 0.3 ? '' : ` on ${on.name}`}${this.#condition()} ${set}`;
    const name = `F${this.#nextFragment}`;
    this.#nextFragment += 1;
    this.#fragments.push({ name, on, text: set });
    return `...${name}${this.#condition()}`;
  }

  #overlapping(type: GraphQLCompositeType): readonly GraphQLCompositeType[] {
    const possible = isAbstractType(type) ? this.schema.getPossibleTypes(type) : [type];
    const around = Object.values(this.schema.getTypeMap()).filter(
      (other): other is GraphQLCompositeType =>
        isAbstractType(other) && possible.some((each) => isObjectType(each) && this.schema.isSubType(other, each)),
    );
    return [type, ...possible, ...around];
  }

  #condition(): string {
    const die = this.random();
    if (die > 0.2) return '';
    const directive = this.random() < 0.5 ? '@include' : '@skip';
    if (die < 0.04) return ` ${directive}(if: ${this.random() < 0.5})`;
    const variable = this.random() < 0.5 ? 't' : 'f';
    this.#variables.set(variable, { declared: 'Boolean!', given: this.#conditions[variable] });
    return ` ${directive}(if: $${variable})`;
  }

  #argument({ name, type, defaultValue }: GraphQLArgument): string[] {
    const isNeeded = isNonNullType(type) && defaultValue === undefined;
    if (!isNeeded && this.random() > 0.4) return [];
    return [`${name}: ${this.random() < 0.4 ? this.#variable(type) : this.#literal(this.#value(type), type)}`];
  }

  /** Declares a variable for a value of a type: given, given as null, left to its default, or left out. */
  #variable(type: GraphQLInputType): string {
    const name = `v${this.#variables.size}`;
    const die = this.random();
    const given = isNonNullType(type) || die < 0.6 ? this.#value(type) : die < 0.8 ? null : undefined;
    const fallback = !isNonNullType(type) && this.random() < 0.3 ? ` = ${this.#literal(this.#value(type), type)}` : '';
    this.#variables.set(name, { declared: `${String(type)}${fallback}`, given });
    return `$${name}`;
  }

  #value(type: GraphQLInputType): unknown {
    const inner = isNonNullType(type) ? type.ofType : type;
    if (isListType(inner)) return [0, 1].map(() => this.#value(inner.ofType));
    if (isEnumType(inner)) return this.#pick(inner.getValues())?.name;
    if (isInputObjectType(inner)) {
      const fields = Object.values(inner.getFields()).filter(
        (field) => isRequiredInputField(field) || this.random() < 0.5,
      );
      return Object.fromEntries(fields.map((field) => [field.name, this.#value(field.type)]));
    }
    switch (String(inner)) {
      case 'Int':
        return Math.floor(this.random() * 4);
      case 'Boolean':
        return this.random() < 0.5;
      case 'ID':
        return this.#pick([...this.ids, 'none']);
      default:
        return this.#pick(['10', '20', 'months']);
    }
  }

  #literal(value: unknown, type: GraphQLInputType): string {
    const node = astFromValue(value, type);
    return node ? print(node) : 'null';
  }

  #pick<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.random() * items.length)];
  }
}
