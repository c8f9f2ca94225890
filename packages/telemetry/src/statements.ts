import { isTracing, step } from './trace.ts';

/** How Prisma names its own steps (@prisma/instrumentation-contract); of them we tell the statements that it sends. */
interface PrismaStep {
  readonly name: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** The first table of a statement, or the function that it calls. */
const TABLE = /\b(?:from|into|update|join)\s+"?(\w+)"?\."?(\w+)"?/i;
const FUNCTION = /^\s*select\s+(\w+(?:\.\w+)?)\(/i;

/**
 * Makes each statement that a Prisma client sends a step of the trace that is under way. Its values are parameters, so its text holds
 * none of them. Prisma asks for whoever looks on by a name in the global scope.
 *
 * @returns what ends it
 */
export function watchStatements(): Disposable {
  const helper = {
    isEnabled: isTracing,
    // Statements bear no comment: each would be another text to the database.
    getTraceParent: () => '00-10-10-00',
    dispatchEngineSpans: () => undefined,
    getActiveContext: () => undefined,
    runInChildSpan: <Result>(asked: string | PrismaStep, work: () => Result): Result => {
      const text =
        typeof asked === 'string' || asked.name !== 'db_query' ? undefined : asked.attributes?.['db.query.text'];
      return typeof text === 'string' ? step(stepOf(text), work) : work();
    },
  };
  Object.assign(globalThis, { PRISMA_INSTRUMENTATION: { helper } });
  return { [Symbol.dispose]: () => void Object.assign(globalThis, { PRISMA_INSTRUMENTATION: undefined }) };
}

function stepOf(text: string) {
  const operation = /^\s*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? 'STATEMENT';
  const [, schema, table] = TABLE.exec(text) ?? [];
  const collection = schema && table ? `${schema}.${table}` : undefined;
  const target = collection ?? FUNCTION.exec(text)?.[1];
  return {
    name: target ? `${operation} ${target}` : operation,
    kind: 'client',
    attributes: {
      'db.system.name': 'postgresql',
      'db.operation.name': operation,
      'db.collection.name': collection,
      'db.query.text': text,
    },
  } as const;
}
