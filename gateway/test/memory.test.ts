import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MAX_DOCUMENT_BYTES } from '../src/documents.ts';
import { MAX_OPERATION_BYTES } from '../src/engine/index.ts';
import { DEFAULT_LIMITS } from '../src/limits/limits.ts';
import { type DoorsHouse, startDoorsHouse } from './doors-house.ts';

/** No two are alike, and each takes three megabytes once it is parsed. */
const COUNT = 220;
/** What the house itself comes to hold while it gets warm. */
const WARM_BYTES = 48 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

function heldBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

const times = (count: number, text: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ');

describe('what is kept of documents', () => {
  let house: DoorsHouse;
  beforeAll(async () => {
    house = await startDoorsHouse({ limits: { ...DEFAULT_LIMITS, operations: 1_000 } });
  });
  afterAll(() => house[Symbol.asyncDispose]());

  it.each([
    {
      they: 'are answered',
      document: (n: number) => times(1_000, (k) => `query Q${k} { a${n}: whoAsks }`),
      isAnswered: true,
      maximum: MAX_DOCUMENT_BYTES + MAX_OPERATION_BYTES,
    },
    {
      they: 'are refused by the schema',
      document: (n: number) => `query Q1(${times(2_490, (k) => `$a${k}: A${n}`)}) { whoAsks }`,
      isAnswered: false,
      maximum: 0,
    },
    {
      they: 'are over a limit',
      document: (n: number) => `query Q1 { a${n}: whoAsks ${times(2_400, () => '... { a }')} }`,
      isAnswered: false,
      maximum: 0,
    },
  ])(
    'stays within its bounds, whatever comes, of those that $they',
    async ({ document, isAnswered, maximum }) => {
      const before = heldBytes();
      for (let n = 0; n < COUNT; n += 1) {
        const { json } = await house.post({ query: document(n), operationName: 'Q1' });
        expect(json.data === undefined).toBe(!isAnswered);
      }
      expect(heldBytes() - before).toBeLessThan(maximum + WARM_BYTES);
    },
    60_000,
  );
});
