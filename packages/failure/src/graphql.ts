import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { isFailureCode } from './code.ts';
import { isFailure } from './failure.ts';

/** Takes what was masked, so that an operator finds it again under `errorId`. */
export type ErrorReporter = (errorId: string, error: unknown) => void;

/**
 * Maps whatever was thrown to the GraphQL error that a client may see.
 *
 * A {@link Failure} keeps its code, message and problems. A GraphQLError that already carries a code of the closed union
 * passes. Everything else is somebody's stack trace: it becomes `INTERNAL` with an `errorId`, and the reporter gets the original.
 * The path and the nodes stay where the executor put them.
 */
export function toGraphQLError(error: unknown, report: ErrorReporter): GraphQLError {
  const located = error instanceof GraphQLError ? error : undefined;
  const original = located?.originalError ?? error;
  if (isFailure(original)) {
    const extensions = { code: original.code, ...(original.problems ? { problems: original.problems } : {}) };
    return relocate(located, original.message, extensions);
  }
  if (located && isFailureCode(located.extensions['code'])) return located;
  if (located && !located.originalError && located.path === undefined) {
    // graphql-js itself: the document or the variables do not fit the schema.
    return relocate(located, located.message, { code: 'BAD_USER_INPUT' });
  }
  const errorId = randomUUID();
  report(errorId, original);
  return relocate(located, 'Something failed on our side. Quote the error id when you report it.', {
    code: 'INTERNAL',
    errorId,
  });
}

function relocate(
  located: GraphQLError | undefined,
  message: string,
  extensions: Record<string, unknown>,
): GraphQLError {
  return new GraphQLError(message, {
    ...(located?.nodes ? { nodes: located.nodes } : {}),
    ...(located?.path ? { path: located.path } : {}),
    extensions,
  });
}
