import { accessClass, anonymous, type Principal, ROLES } from '@assay/principal';
import fc from 'fast-check';
import { parse } from 'graphql';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisUrl } from '../../ops/run/parts/redis.ts';
import { startParts, type TestParts } from '../../test/parts.ts';
import { createRedisDocuments } from '../src/persisted/automatic.ts';
import { hashOf } from '../src/persisted/manifest.ts';
import { callerOf } from '../src/transport.ts';
import { type Answer, type DoorsHouse, startDoorsHouse } from './doors-house.ts';
import { type Mirrors, openMirrors, type Wiring } from './mirrors.ts';

/** What counts in a principal: its request's id and the end of its token say nothing about who asks. */
type Self = Omit<Principal, 'requestId' | 'expiresAt'>;

const ids = (...numbers: number[]) => numbers.map((n) => `00000000-0000-4000-8000-00000000000${n}`);
const { requestId: _request, expiresAt: _end, ...VISITOR } = anonymous('', null);
/** Few values of each field, so that people often differ in one thing alone. */
const FIELDS: { readonly [Field in keyof Self]: fc.Arbitrary<Self[Field]> } = {
  subject: fc.constantFrom(null, ...ids(1, 2)),
  tenantId: fc.constantFrom(null, ...ids(3, 4)),
  roles: fc.subarray([...ROLES], { maxLength: 2 }),
  scopes: fc.subarray(['storefront:read', 'media:upload', 'media:admin', 'audit:read']),
  entitlements: fc.subarray(['AI', 'VIDEO']),
  tier: fc.constantFrom(null, 'STANDARD', 'ENTERPRISE'),
  issuer: fc.constantFrom(null, 'http://one.test', 'http://two.test'),
  sessionId: fc.constantFrom(null, 'session-1', 'session-2'),
  acr: fc.constantFrom(null, 'password', 'key'),
  amr: fc.subarray(['pwd', 'otp']),
  authTime: fc.constantFrom(null, 100, 200),
  risk: fc.constantFrom(0, 0.5, 1),
  address: fc.constantFrom(null, '192.0.2.0', '198.51.100.0'),
};
const NAMES = Object.keys(FIELDS).filter((name): name is keyof Self => name in FIELDS);
const somebody = fc.record<Self>({ ...FIELDS });
/** Somebody, twice, and others who differ from them in one thing each. */
const crowd = fc
  .tuple(somebody, fc.array(fc.tuple(fc.constantFrom(...NAMES), somebody), { minLength: 1, maxLength: 8 }))
  .map(([one, others]) => [one, one, ...others.map(([name, other]) => ({ ...one, [name]: other[name] }))]);

const OPERATIONS: readonly string[] = [
  '{ self { seen through } }',
  '{ self { through again { seen again { through } } } }',
  '{ self { through member maker calm } }',
  'query Many($of: Int!) { selves(of: $of) { seen through maker again { calm } } }',
  'mutation { touch { seen through calm } }',
];
const STREAMS: readonly string[] = [
  'subscription { moments { seen through } }',
  'subscription { moments { through member maker calm again { seen } } }',
];
const WAYS = ['text', 'listed', 'registered'] as const;
const request = fc.record({
  query: fc.constantFrom(...OPERATIONS),
  way: fc.constantFrom(...WAYS),
  of: fc.integer({ min: 1, max: 2 }),
});
type Request = typeof request extends fc.Arbitrary<infer R> ? R : never;

let parts: TestParts;
let redis: Redis;
beforeAll(async () => {
  parts = await startParts(['redis']);
  redis = new Redis(redisUrl(parts.ground, 'limits'), { enableReadyCheck: false });
});
afterAll(async () => {
  redis.disconnect();
  await parts[Symbol.asyncDispose]();
});

/** Answers that are under way long enough to meet others. */
const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 5));

async function open(wiring: Partial<Wiring> = {}, late = slow): Promise<Mirrors & { readonly house: DoorsHouse }> {
  const mirrors = openMirrors(wiring, late);
  const manifest = new Map(OPERATIONS.map((query) => [hashOf(query), query]));
  const automatic = createRedisDocuments(redis);
  const persisted = { manifest, automatic, onlyListed: false, report: () => undefined };
  return { ...mirrors, house: await startDoorsHouse({ ...mirrors, persisted }) };
}

async function ask(house: DoorsHouse, token: string, { query, way, of }: Request): Promise<Answer> {
  const post = (body: object) => house.post({ ...body, variables: { of } }, { authorization: `Bearer ${token}` });
  const hash = hashOf(query);
  const extensions = { persistedQuery: { version: 1, sha256Hash: hash } };
  switch (way) {
    case 'text':
      return post({ query });
    case 'listed':
      return post({ documentId: `sha256:${hash}` });
    case 'registered': {
      const known = await post({ extensions });
      const isUnknown = known.json.errors?.[0]?.extensions?.['code'] === 'PERSISTED_QUERY_NOT_FOUND';
      return isUnknown ? post({ query, extensions }) : known;
    }
  }
}

/** Whom each field of an answer was given to, by its path; null where it was kept back. */
function tellings(data: unknown, path = ''): [path: string, told: unknown][] {
  if (typeof data !== 'object' || data === null) return [[path, typeof data === 'string' ? JSON.parse(data) : data]];
  return Object.entries(data).flatMap(([name, value]) => tellings(value, `${path}.${name}`));
}

/** Whether somebody may have a field of a mirror. */
function mayHave(path: string, { subject, scopes, risk }: Self): boolean {
  if (path.endsWith('.member')) return subject !== null;
  if (path.endsWith('.maker'))
    return scopes.includes('media:upload') || (scopes.includes('media:admin') && scopes.includes('audit:read'));
  return !path.endsWith('.calm') || risk < 1;
}

/** Everything in an answer was told to this person, or kept back from this person. */
function expectOwn({ data }: { readonly data?: unknown }, self: Self): void {
  const told = tellings(data);
  expect(told.length).toBeGreaterThan(0);
  for (const [path, who] of told)
    expect([path, who]).toEqual([path, mayHave(path, self) ? expect.objectContaining(self) : null]);
}

/** The second event of a stream, when others had time to join it. */
async function secondEvent(house: DoorsHouse, token: string, query: string): Promise<{ readonly data?: unknown }> {
  const answer = await fetch(`${house.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  let text = '';
  for await (const chunk of answer.body ?? []) {
    text += Buffer.from(chunk).toString();
    const [, event] = text.matchAll(/event: next\r?\ndata: (.+)\r?\n\r?\n/g);
    // Leaving the loop closes the stream.
    if (event) return JSON.parse(event[1] ?? '');
  }
  throw new Error(`The stream ended: ${text}`);
}

/** All of a crowd ask the same at once; each gets what is his, whole, and nothing else. */
const eachGetsTheirOwn = ({ house }: { readonly house: DoorsHouse }) =>
  fc.asyncProperty(crowd, request, async (people, asked) => {
    const answers = await Promise.all(
      people.map((self, n) => {
        house.tokens.set(`${n}`, { ...self, expiresAt: 2_000_000_000 + n, requestId: '' });
        return ask(house, `${n}`, asked);
      }),
    );
    for (const [n, { json }] of answers.entries()) expectOwn(json, people[n] ?? VISITOR);
  });

describe('people who ask the same at once', () => {
  it.each([
    ['objects', false],
    ['texts', true],
  ])(
    'share nothing when they differ in anything that a subgraph may look at (answers are %s)',
    async (_form, isText) => {
      const mirrors = await open({ isText });
      await using _house = mirrors.house;
      await fc.assert(eachGetsTheirOwn(mirrors), { numRuns: 150 });
    },
    60_000,
  );

  it('get events of their own, whoever else follows the same', async () => {
    const { house } = await open();
    await using _house = house;
    const property = fc.asyncProperty(crowd, fc.constantFrom(...STREAMS), async (people, query) => {
      const events = await Promise.all(
        people.map((self, n) => {
          house.tokens.set(`${n}`, { ...self, expiresAt: 2_000_000_000 + n, requestId: '' });
          return secondEvent(house, `${n}`, query);
        }),
      );
      for (const [n, event] of events.entries()) expectOwn(event, people[n] ?? VISITOR);
    });
    await fc.assert(property, { numRuns: 40 });
  }, 60_000);

  it('share what is asked of subgraphs when they differ in nothing', async () => {
    let arrived = 0;
    const counted: Wiring['callerOf'] = (context) => {
      arrived += 1;
      return callerOf(context);
    };
    const { house, fetched } = await open({ callerOf: counted }, async () => {
      await expect.poll(() => arrived).toBe(4);
    });
    await using _house = house;
    const twins = ['0', '1', '2', '3'].map((n) => {
      house.tokens.set(n, { ...anonymous('', null), expiresAt: Number(n) });
      return ask(house, n, { query: OPERATIONS[0] ?? '', way: 'text', of: 1 });
    });
    await Promise.all(twins);
    expect(fetched.map((each) => each.split(' ', 1)[0])).toEqual(['mirror', 'glass']);
  });

  it.each(NAMES)(
    'would be found out if %s did not count',
    async (name) => {
      const blind = (principal: Principal) => accessClass({ ...principal, [name]: VISITOR[name] });
      const mirrors = await open({ classOf: ({ principal }) => blind(principal), isText: true });
      await using _house = mirrors.house;
      const found = await fc.check(eachGetsTheirOwn(mirrors), { numRuns: 600, endOnFailure: true });
      expect(found.failed).toBe(true);
    },
    60_000,
  );
});

describe('what the directives decide about a document', () => {
  /** All that the directives look at in somebody, and one for all who may have everything. */
  const sortOf = ({ subject, scopes, risk }: Self) => {
    const has = ['media:upload', 'media:admin', 'audit:read'].map((scope) => scopes.includes(scope));
    const all = ['.member', '.maker', '.calm'].every((path) => mayHave(path, { ...VISITOR, subject, scopes, risk }));
    return all ? 'everything' : JSON.stringify([subject !== null, ...has, risk < 1]);
  };

  it('is decided once for each set of scopes and policies, whoever has them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(somebody, { minLength: 1, maxLength: 60 }), async (people) => {
        const { engine, planned } = openMirrors();
        const document = parse('{ self { seen member maker calm } }');
        for (const self of people)
          await engine.execute({ document, context: { principal: { ...self, expiresAt: null, requestId: '' } } });
        expect(planned).toHaveLength(new Set(people.map(sortOf)).size);
      }),
      { numRuns: 30 },
    );
  });

  it('is decided once for a thousand users who have the same', async () => {
    const { engine, planned } = openMirrors();
    const document = parse('{ self { seen member maker } }');
    const members = Array.from({ length: 1_000 }, (_, n) => ({
      ...anonymous(`request-${n}`, null),
      subject: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
      sessionId: `session-${n}`,
    }));
    for (const principal of members) await engine.execute({ document, context: { principal } });
    expect(planned).toHaveLength(1);
  });
});
