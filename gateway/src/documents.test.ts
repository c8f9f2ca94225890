import { buildSchema, type DocumentNode, getOperationAST } from 'graphql';
import { expect, it } from 'vitest';
import { createDocuments } from './documents.ts';
import { createOperations, MAX_DOCUMENTS } from './engine/operations.ts';
import { DEFAULT_LIMITS } from './limits/limits.ts';

it('a document is kept as long as what was prepared of it: neither without the other', () => {
  const documents = createDocuments(buildSchema('type Query { stone: ID }'), DEFAULT_LIMITS);
  const prepared: DocumentNode[] = [];
  const operations = createOperations((document) => {
    prepared.push(document);
    const definition = getOperationAST(document);
    if (!definition) throw new Error('It has no operation.');
    return { definition, conditions: [], introspection: null, compiled: () => Object.create(null) };
  });
  const documentOf = (n: number) => {
    const read = documents(`query Nth${n} { stone }`);
    if (!('document' in read)) throw new Error('It was refused.');
    return read.document;
  };
  const ask = (n: number) => operations(documentOf(n), undefined);
  const all = Array.from({ length: MAX_DOCUMENTS }, (_, n) => n);
  for (let round = 0; round < 2; round += 1) for (const n of all) ask(n);
  expect(prepared).toHaveLength(MAX_DOCUMENTS);

  // One more, and the one that was used longest ago is gone from both.
  ask(MAX_DOCUMENTS);
  for (const n of all.slice(1)) ask(n);
  expect(prepared).toHaveLength(MAX_DOCUMENTS + 1);
  const [first] = prepared;
  if (first) operations(first, undefined);
  expect(prepared).toHaveLength(MAX_DOCUMENTS + 2);
  expect(documentOf(0)).not.toBe(first);
});
