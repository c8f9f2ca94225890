import type { ExecutionResult, OperationTypeNode } from 'graphql';
import type { SelectedField, Selection } from '../selection.ts';
import { deniedError } from './denied.ts';

/**
 * The whole answer, where what is denied leaves nothing of it: a null at the root that may not be null takes everything with it
 * (GraphQL, section 6.4.4), so no subgraph is asked, and of a mutation nothing is done. A stream that is denied is refused as a
 * request (section 6.2.3.1).
 *
 * @returns null when something is left
 */
export function refusalOf(operation: `${OperationTypeNode}`, selection: Selection): (() => ExecutionResult) | null {
  const root = selection.onlyType === undefined ? [] : (selection.fieldsOf(selection.onlyType) ?? []);
  const isStream = operation === 'subscription';
  const isDoomed = root.some(({ content, shape }) => content.kind === 'denied' && (isStream || shape.isNonNull));
  if (!isDoomed) return null;
  const errors = () => root.flatMap(errorOf);
  return isStream ? () => ({ errors: errors() }) : () => ({ data: null, errors: errors() });
}

function errorOf({ content, responseKey }: SelectedField) {
  return content.kind === 'denied' ? [deniedError(content.denial, [responseKey])] : [];
}
