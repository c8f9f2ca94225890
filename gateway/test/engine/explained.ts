import type { ExecutionResult } from 'graphql';

/**
 * The nulls that errors explain. Which of several errors below one null is told is the executor's choice (GraphQL, section 6.4.4);
 * that each of these nulls has one is not.
 */
export function explainedNulls({ data, errors }: ExecutionResult): ReadonlySet<string> {
  return new Set((errors ?? []).map(({ path }) => JSON.stringify(nullAlong(data, path ?? []))));
}

function nullAlong(data: unknown, path: readonly (string | number)[]): readonly (string | number)[] {
  let value = data;
  for (const [index, key] of path.entries()) {
    if (value === null || value === undefined) return path.slice(0, index);
    value = (value as Record<string | number, unknown>)[key];
  }
  return path;
}
