import { type ExecutionResult, execute, type GraphQLSchema, parse, print, visit } from 'graphql';
import { explainedNulls } from './explained.ts';
import type { RandomQuery } from './random-query.ts';
import { type World, wholeSchema } from './world.ts';

/** How an answer differs from one schema's; null: in nothing. */
export type Difference = { readonly got: unknown; readonly want: unknown } | null;

type Path = readonly (string | number)[];

/** The schema in which every field may be null: there each field that fails says so itself, and hides nothing beside it. */
export function lenientSchema(world: World): GraphQLSchema {
  const document = visit(parse(world.whole), {
    FieldDefinition: (field) => ({ ...field, type: visit(field.type, { NonNullType: { leave: ({ type }) => type } }) }),
  });
  return wholeSchema(world, print(document));
}

/**
 * Compares an answer with that of one schema: data letter by letter, and which nulls are explained by errors. Which of several
 * errors below one null is told is the executor's choice (GraphQL, section 6.4.4), so each that is told is held against the schema
 * in which all of them are: one must stand there, with the same message and code, or a null where the true schema allows none.
 */
export async function differenceOf(
  got: ExecutionResult,
  want: ExecutionResult,
  lenient: GraphQLSchema,
  { query, variables }: RandomQuery,
): Promise<Difference> {
  const [given, wanted] = [got, want].map((result) => ({
    data: JSON.stringify(result.data),
    nulls: [...explainedNulls(result)].sort(),
  }));
  if (JSON.stringify(given) !== JSON.stringify(wanted)) return { got: { ...given, errors: got.errors }, want: wanted };
  if (!got.errors) return null;
  const truth = await execute({ schema: lenient, document: parse(query), variableValues: variables });
  const unfounded = got.errors.filter((error) => !isFounded(error, truth));
  return unfounded.length > 0 ? { got: { unfounded }, want: { errors: truth.errors, data: truth.data } } : null;
}

function isFounded(error: NonNullable<ExecutionResult['errors']>[number], truth: ExecutionResult): boolean {
  const { path, message, extensions } = error;
  if (!path) return false;
  const there = truth.errors?.find((each) => JSON.stringify(each.path) === JSON.stringify(path));
  if (there) return there.message === message && there.extensions['code'] === extensions['code'];
  return valueAt(truth.data, path) === null && extensions['code'] !== 'FORBIDDEN';
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[key];
  }
  return value;
}
