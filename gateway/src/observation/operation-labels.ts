import { type DocumentNode, getOperationAST } from 'graphql';
import type { Manifest } from '../persisted/manifest.ts';

/** What figures of an operation are kept under: few, whatever clients send. */
export interface OperationLabels {
  readonly graphql_operation_name: string;
  readonly graphql_operation_type: string;
  readonly graphql_document_hash: string;
}

/** Of the 64 digits of a document's hash these tell it from the others of a manifest. */
const HASH_DIGITS = 12;

/** @returns the labels of an operation; anybody can invent names, so one that is not of the manifest is `other` */
export function createOperationLabels(manifest: Manifest) {
  const hashes = new Map([...manifest].map(([hash, text]) => [text, hash.slice(0, HASH_DIGITS)]));
  const known = new WeakMap<DocumentNode, Map<string | undefined, OperationLabels>>();
  return (document: DocumentNode, operationName: string | undefined): OperationLabels => {
    const found = known.get(document)?.get(operationName);
    if (found) return found;
    const made = labelsOf(document, operationName, hashes.get(document.loc?.source.body ?? ''));
    const ofDocument = known.get(document) ?? new Map();
    // Names that no operation has are anybody's to invent too.
    if (made.graphql_operation_type !== 'none') ofDocument.set(operationName, made);
    known.set(document, ofDocument);
    return made;
  };
}

function labelsOf(
  document: DocumentNode,
  operationName: string | undefined,
  hash: string | undefined,
): OperationLabels {
  const operation = getOperationAST(document, operationName);
  return {
    graphql_operation_name: (hash && operation?.name?.value) ?? 'other',
    graphql_operation_type: operation?.operation ?? 'none',
    graphql_document_hash: hash ?? 'other',
  };
}
