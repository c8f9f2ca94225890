import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
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

/** Makes a valid query: aliases, fragments of both kinds, conditions by variable and by literal, arguments, repeats. */
export function randomQuery(schema: GraphQLSchema, seed: number, ids: readonly string[]): RandomQuery {
  const random = randomOf(seed);
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const made = new Writer(schema, random, ids).write();
    if (validate(schema, parse(made.query)).length === 0) return made;
  }
  throw new Error(`No valid query came of seed ${seed}.`);
}

class Writer {
  readonly #fragments: string[] = [];
  #nextFragment = 0;
  readonly #variables = { t: true, f: false };
  readonly #used = new Set<string>();

  constructor(
    readonly schema: GraphQLSchema,
    readonly random: () => number,
    readonly ids: readonly string[],
  ) {}

  write(): RandomQuery {
    const root = this.schema.getQueryType();
    if (!root) throw new Error('No query type.');
    const body = this.#set(root, 4 + Math.floor(this.random() * 2));
    const declared = [...this.#used].map((name) => `$${name}: Boolean!`).join(', ');
    const head = declared ? `query (${declared}) ` : '';
    const variables = Object.fromEntries(Object.entries(this.#variables).filter(([name]) => this.#used.has(name)));
    return { query: [head + body, ...this.#fragments].join('\n'), variables };
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
    if (die < 0.08) return this.random() < 0.3 ? `alias: __typename` : '__typename';
    if (die < 0.25 || !('getFields' in type)) return this.#fragment(type, depth);
    return this.#field(this.#pick(Object.values(type.getFields())), depth);
  }

  #field(field: GraphQLField<unknown, unknown> | undefined, depth: number): string | null {
    if (!field) return null;
    const named = getNamedType(field.type);
    const isComposite = isCompositeType(named);
    if (isComposite && depth <= 0) return null;
    const alias = this.random() < 0.15 ? `${this.#pick(['x', 'y', 'name', 'id']) ?? 'x'}: ` : '';
    const args = field.args.flatMap((argument) => this.#argument(argument));
    const set = isComposite ? ` ${this.#set(named, depth - 1)}` : '';
    return `${alias}${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}${this.#condition()}${set}`;
  }

  #fragment(type: GraphQLCompositeType, depth: number): string {
    const on = this.#pick(this.#overlapping(type)) ?? type;
    const set = this.#set(on, depth - 1);
    if (this.random() < 0.6)
      return `...${on === type && this.random() < 0.3 ? '' : ` on ${on.name}`}${this.#condition()} ${set}`;
    const name = `F${this.#nextFragment}`;
    this.#nextFragment += 1;
    this.#fragments.push(`fragment ${name} on ${on.name} ${set}`);
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
    this.#used.add(variable);
    return ` ${directive}(if: $${variable})`;
  }

  #argument({ name, type, defaultValue }: GraphQLArgument): string[] {
    const isNeeded = isNonNullType(type) && defaultValue === undefined;
    return isNeeded || this.random() < 0.4 ? [`${name}: ${this.#value(type)}`] : [];
  }

  #value(type: GraphQLInputType): string {
    const inner = isNonNullType(type) ? type.ofType : type;
    if (isListType(inner)) return `[${[0, 1].map(() => this.#value(inner.ofType)).join(', ')}]`;
    if (isEnumType(inner)) return this.#pick(inner.getValues())?.name ?? 'null';
    switch (String(inner)) {
      case 'Int':
        return String(Math.floor(this.random() * 4));
      case 'Boolean':
        return String(this.random() < 0.5);
      case 'ID':
        return JSON.stringify(this.#pick([...this.ids, 'none']));
      default:
        return JSON.stringify(this.#pick(['10', '20', 'months']));
    }
  }

  #pick<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.random() * items.length)];
  }
}
