import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { CompiledOperation, Operation } from './operation.ts';
import { createOperations } from './operations.ts';

/** Operations of which each use compiles another, and the names of those that were prepared, in order. */
function openOperations(maxBytes: number) {
  const prepared: (string | undefined)[] = [];
  const operations = createOperations((document, name): Operation => {
    prepared.push(name);
    const definition = document.definitions.find(
      (node) => node.kind === 'OperationDefinition' && node.name?.value === name,
    );
    if (definition?.kind !== 'OperationDefinition') throw new Error('There is no such operation.');
    const compiled = (): CompiledOperation => Object.create(null);
    return { definition, conditions: [], introspection: null, compiled };
  }, maxBytes);
  return { operations, prepared };
}

const MEGABYTE = 1024 * 1024;
const many = (count: number) => Array.from({ length: count }, (_, n) => `query Q${n} { ...Wide }`).join(' ');
const wide = `fragment Wide on Query { ${'stone '.repeat(250)} }`;

describe('operations that are kept', () => {
  it('are counted one by one, and not by their document: those used longest ago go', () => {
    const document = parse(`${many(40)} ${wide}`);
    const { operations, prepared } = openOperations(10 * MEGABYTE);
    const use = (n: number) => operations(document, `Q${n}`).compiled({}, null);
    for (let n = 0; n < 40; n += 1) use(n);
    for (let n = 39; n > 30; n -= 1) use(n);
    expect(prepared).toHaveLength(40);
    use(0);
    expect(prepared).toHaveLength(41);
  });

  it('grow with each combination of conditions and rights that they meet, and go when they are too large alone', () => {
    const document = parse(`${many(1)} ${wide}`);
    const { operations, prepared } = openOperations(10 * MEGABYTE);
    for (let n = 0; n < 15; n += 1) operations(document, 'Q0').compiled({}, null);
    expect(prepared).toHaveLength(1);
    for (let n = 0; n < 15; n += 1) operations(document, 'Q0').compiled({}, null);
    expect(prepared).toHaveLength(2);
  });
});
