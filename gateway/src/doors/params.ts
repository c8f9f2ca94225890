import { failure } from '@assay/failure';
import { MAX_NESTING, tooNestedParams } from '../limits/refusal.ts';

/** What a request asks for, as far as it can be read; the parameters of GraphQL over HTTP, 5.1, and of its appendix A. */
export interface GraphqlParams {
  readonly query?: string | undefined;
  readonly documentId?: string | undefined;
  readonly operationName?: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly extensions: Readonly<Record<string, unknown>>;
}

/**
 * Reads the parameters of a JSON body.
 *
 * @throws Failure BAD_USER_INPUT for what is of another type than it is; GraphQLError TOO_COMPLEX for values too deep within each other
 */
export function parseParams(body: unknown): GraphqlParams {
  if (!isRecord(body)) throw failure('BAD_USER_INPUT', 'Send { query, variables, operationName } as JSON.');
  return {
    query: textOf(body, 'query'),
    documentId: textOf(body, 'documentId'),
    operationName: textOf(body, 'operationName') || undefined,
    variables: recordOf(body, 'variables'),
    extensions: recordOf(body, 'extensions'),
  };
}

/**
 * Reads the parameters of a GET: variables and extensions are JSON.
 *
 * @throws Failure BAD_USER_INPUT as for a body
 */
export function parseSearch(search: URLSearchParams): GraphqlParams {
  const texts = Object.fromEntries(['query', 'documentId', 'operationName'].map((name) => [name, search.get(name)]));
  return parseParams({ ...texts, variables: jsonOf(search, 'variables'), extensions: jsonOf(search, 'extensions') });
}

/** Whether somebody wants to know what an operation costs: by a header, or in `extensions` where there are none. */
export function wantsCost(headers: Readonly<Record<string, string | undefined>>, params: GraphqlParams): boolean {
  return headers['x-assay-cost'] === 'on' || params.extensions['cost'] === true;
}

/** Whether somebody wants to know by which plan an operation is run: asked as for its cost. */
export function wantsPlan(headers: Readonly<Record<string, string | undefined>>, params: GraphqlParams): boolean {
  return headers['x-assay-plan'] === 'on' || params.extensions['plan'] === true;
}

function jsonOf(search: URLSearchParams, name: string): unknown {
  const text = search.get(name);
  if (text === null || text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw failure('BAD_USER_INPUT', `"${name}" is no JSON.`, { cause });
  }
}

function textOf(body: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw failure('BAD_USER_INPUT', `"${name}" is a text.`);
  return value;
}

function recordOf(body: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> {
  const value = body[name];
  if (value !== undefined && value !== null && !isRecord(value))
    throw failure('BAD_USER_INPUT', `"${name}" is an object.`);
  // Names in it are the client's: one that is asked for and not given finds nothing that every object has, such as `constructor`.
  const record: Readonly<Record<string, unknown>> = Object.assign(Object.create(null), value);
  verifyNesting(record, name);
  return record;
}

/** JSON of half a megabyte can go deeper than a stack does, wherever it is walked or written again. */
function verifyNesting(record: Readonly<Record<string, unknown>>, name: string): void {
  let values: readonly object[] = [record];
  for (let level = 0; values.length > 0; level += 1) {
    if (level > MAX_NESTING) throw tooNestedParams(name);
    values = values.flatMap((each) => Object.values(each).filter(isObject));
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
