import { type ExecutionResult, GraphQLError, parse } from 'graphql';
import { beforeEach, describe, expect, it } from 'vitest';
import { createEngine, createHivePlanner } from '../../src/engine/index.ts';
import { type OpenWorld, openWorld } from './world.ts';
import { failing, gallery, shop, zoo } from './worlds.ts';

let world: OpenWorld;
const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as ExecutionResult;
const ask = async (query: string, variables?: Record<string, unknown>) => plain(await world.answer(query, variables));
const subgraphs = () => world.calls.map(({ subgraph }) => subgraph);
const away = (message: string) => () => {
  throw new Error(message);
};

describe('a shop', () => {
  beforeEach(() => {
    world = openWorld(shop);
  });

  it('sends one request for several kinds of entities of one subgraph', async () => {
    await ask('{ works { ... on Book { reviews { stars } } ... on Film { reviews { stars } } } }');
    expect(subgraphs()).toEqual(['catalogue', 'reviews']);
  });

  it('sends each representation once, wherever it stands', async () => {
    await ask('{ shelves { inStock } }');
    const { representations } = world.calls[1]?.variables as { representations: { id: string }[] };
    expect(representations.map(({ id }) => id)).toEqual(['b1', 'b2', 'b3']);
  });

  it('keeps apart what two places ask of one entity', async () => {
    const friends = (express: boolean) => `works(first: 1) { author { friends { s: shipping(express: ${express}) } } }`;
    expect(await ask(`{ a: ${friends(true)} b: ${friends(false)} }`)).toEqual({
      data: {
        a: [{ author: { friends: [{ s: '20 New York!' }, { s: '30 Austin!' }] } }],
        b: [{ author: { friends: [{ s: '20 New York' }, { s: '30 Austin' }] } }],
      },
    });
  });

  it('does not ask for what was provided', async () => {
    expect(await ask('{ work(id: "b1") { ... on Book { author { name } } } }')).toEqual({
      data: { work: { author: { name: 'Ada' } } },
    });
    expect(subgraphs()).toEqual(['catalogue']);
  });

  it('asks for what is required first, value types included', async () => {
    expect(await ask('{ shelves { postage express: postage(express: true) } }')).toMatchObject({
      data: { shelves: [[{ postage: 312, express: 1312 }, null, { postage: 400 }], [], [{ postage: 530 }, {}]] },
    });
  });

  it('runs mutations in their order, and completes each', async () => {
    const query = `mutation { one: count rename(id: "b1", title: "New") { title inStock } two: count(by: 2) }`;
    const { data } = await ask(query);
    expect(JSON.stringify(data)).toBe('{"one":1,"rename":{"title":"New","inStock":true},"two":2}');
  });

  it('asks nobody about what the schema says itself, in fragments too', async () => {
    const query = `query ($n: String!) { ...F __typename } fragment F on Query { __schema { queryType { name } } ... { it: __type(name: $n) { kind } } }`;
    const got = await ask(query, { n: 'Work' });
    expect(JSON.stringify(got)).toBe(
      '{"data":{"__schema":{"queryType":{"name":"Query"}},"it":{"kind":"INTERFACE"},"__typename":"Query"}}',
    );
    expect(world.calls).toEqual([]);
  });

  it('asks nobody for what is skipped', async () => {
    const query =
      'query ($a: Boolean!) { me { name @skip(if: $a) shipping @include(if: $a) } rate(zip: "20") @skip(if: $a) }';
    await ask(query, { a: false });
    expect(subgraphs().sort()).toEqual(['people', 'shipping']);
    world.calls.length = 0;
    await ask('query ($a: Boolean!) { rate(zip: "20") @skip(if: $a) }', { a: true });
    expect(world.calls).toEqual([]);
  });

  it.each(['id', 'zip', 'representations', '_entities'])('lets a client call anything %s', async (name) => {
    expect(await ask(`{ me { ${name}: nick city shipping friends { ${name}: email } } }`)).toEqual({
      data: {
        me: {
          [name]: null,
          city: 'London',
          shipping: '10 London',
          friends: [{ [name]: 'grace@x' }, { [name]: 'edsger@x' }],
        },
      },
    });
  });

  it.each(['__proto__', '__typename', '__x'])('refuses the alias %s, which is introspection’s', async (name) => {
    const { errors, data } = await ask(`{ me { ${name}: email } }`);
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
  });

  it('takes no key from a subgraph for the prototype of its objects', async () => {
    world.broken.set('people', () => JSON.parse('{"data":{"me":{"email":"a","__proto__":{"name":"forged"}}}}'));
    expect(await ask('{ me { email nick } }')).toEqual({ data: { me: { email: 'a', nick: null } } });
    expect(({} as Record<string, unknown>)['name']).toBeUndefined();
  });

  it('completes each event of a stream', async () => {
    const stream = await world.engine.subscribe({
      document: parse('subscription { changed { t: title ... on Book { inStock } } }'),
      context: null,
    });
    const seen = Symbol.asyncIterator in stream ? await Array.fromAsync(stream) : [];
    expect(plain(seen.slice(0, 2))).toEqual([
      { data: { changed: { t: 'Notes', inStock: true } } },
      { data: { changed: { t: 'Compilers', inStock: false } } },
    ]);
  });

  it('says of a stream that its subgraph refuses why, in the client’s words', async () => {
    const refusal = (query: string) =>
      new GraphQLError('Not you.', { path: [aliasIn(query)], extensions: { code: 'FORBIDDEN' } });
    const engine = createEngine({
      supergraphSdl: world.supergraphSdl,
      planner: createHivePlanner(world.supergraphSdl),
      transports: {
        catalogue: { execute: () => Promise.reject(), subscribe: async ({ query }) => ({ errors: [refusal(query)] }) },
      },
    });
    const document = parse('subscription { mine: changed { title } }');
    expect(plain((await engine.subscribe({ document, context: null })) as ExecutionResult)).toEqual({
      errors: [{ message: 'Not you.', path: ['mine'], extensions: { code: 'FORBIDDEN' } }],
    });
  });

  it('goes on with a stream when an event could not be completed', async () => {
    world.broken.set('shipping', away('no route'));
    const document = parse('subscription { changed { ... on Book { title inStock } } }');
    const stream = await world.engine.subscribe({ document, context: null });
    const seen = Symbol.asyncIterator in stream ? await Array.fromAsync(stream) : [];
    expect(plain(seen[0])).toMatchObject({
      data: null,
      errors: [{ path: ['changed', 'inStock'], extensions: { code: 'UPSTREAM_UNAVAILABLE' } }],
    });
    expect(seen).toHaveLength(5);
  });
});

describe('failures', () => {
  beforeEach(() => {
    world = openWorld(shop);
  });

  it('leave holes where the client sees them, each with its reason, and nothing else', async () => {
    world.broken.set('labels', away('connect 10.0.0.7'));
    const got = await ask('{ me { email tag: label friends { name label } } rate(zip: "20") }');
    expect(got).toEqual({
      data: {
        me: {
          email: 'ada@x',
          tag: null,
          friends: [
            { name: 'Grace', label: null },
            { name: 'Edsger', label: null },
          ],
        },
        rate: 20,
      },
      errors: [
        ['me', 'tag'],
        ['me', 'friends', 0, 'label'],
        ['me', 'friends', 1, 'label'],
      ].map((path) => ({
        message: 'The part of the answer that comes from labels is missing: it could not be reached.',
        path,
        extensions: { code: 'UPSTREAM_UNAVAILABLE' },
      })),
    });
  });

  it('of a first fetch explain the holes of those that needed it', async () => {
    world.broken.set('people', away('down'));
    const { data, errors } = await ask('{ work(id: "f1") { title author { id nick label } } }');
    expect(data).toEqual({ work: { title: 'Engine', author: { id: 'p1', nick: null, label: null } } });
    expect(errors?.map(({ path }) => path)).toEqual([
      ['work', 'author', 'nick'],
      ['work', 'author', 'label'],
    ]);
  });

  it('at the root name each field that is missing, and take no other', async () => {
    world.broken.set('people', away('down'));
    const got = await ask('{ mine: me { name } rate(zip: "20") }');
    expect(got.data).toEqual({ mine: null, rate: 20 });
    expect(got.errors?.map(({ path }) => path)).toEqual([['mine']]);
  });

  it('that a subgraph puts a code on keep it', async () => {
    const refused = { message: 'Sign in first.', extensions: { code: 'UNAUTHENTICATED' } };
    world.broken.set('people', () => ({ errors: [new GraphQLError(refused.message, refused)] }));
    expect(await ask('{ me { name } rate(zip: "20") }')).toEqual({
      data: { me: null, rate: 20 },
      errors: [{ ...refused, path: ['me'] }],
    });
  });

  it.each([
    ['a page', '<html>'],
    ['nothing', null],
    ['an empty object', {}],
    ['null without a reason', { data: null }],
    ['a list of another length', { data: { _entities: [] } }],
    ['no list', { data: { _entities: 'x' } }],
  ])('are what %s is, and no crash', async (_name, answer) => {
    world.broken.set('shipping', () => answer as ExecutionResult);
    const { data } = await ask('{ me { name shipping } }');
    expect(data).toEqual({ me: null });
  });

  it('are what a leaf of another kind is, and a hidden enum value', async () => {
    world.broken.set('catalogue', () => ({
      data: { works: [{ __typename: 'Book', title: { nested: true }, kind: 'SECRET' }] },
    }));
    const { data, errors } = await ask('{ works { ... on Book { kind title } } }');
    expect(data).toBeNull();
    expect(errors?.map(({ path }) => path)).toEqual([
      ['works', 0, 'kind'],
      ['works', 0, 'title'],
    ]);
  });

  it('are told a hundred times and not a thousand', async () => {
    const many = Array.from({ length: 1_000 }, (_, n) => ({ __typename: 'Film', id: `f${n}`, title: 'x' }));
    world.broken.set('catalogue', ({ query }) => ({ data: { [aliasIn(query)]: many } }));
    world.broken.set('reviews', away('down'));
    const { errors } = await ask('{ works(first: 1000) { ... on Film { title reviews { stars } } } }');
    expect(errors?.length).toBeLessThanOrEqual(100);
  });

  it('of an entity stand at every place that shows it', async () => {
    world = openWorld(failing);
    const { data, errors } = await ask('{ list { id x: may } one(id: "n3") { id x: may } }');
    expect(data).toEqual({
      list: [{ id: 'n1', x: 'also' }, null, { id: 'n3', x: null }, { id: 'n2', x: null }],
      one: { id: 'n3', x: null },
    });
    expect(new Set(errors?.map(({ path }) => JSON.stringify(path)))).toEqual(
      new Set(['["list",2,"x"]', '["one","x"]']),
    );
  });
});

describe('variables', () => {
  beforeEach(() => {
    world = openWorld(shop);
  });

  it('that cannot be taken are named one by one, each where it stands', async () => {
    const query = 'query ($ids: [ID!]!, $first: Int) { people(ids: $ids) { id } works(first: $first) { id } }';
    expect(await ask(query, { ids: ['p1', {}], first: 1.5 })).toMatchObject({
      errors: [
        {
          extensions: {
            code: 'BAD_USER_INPUT',
            problems: [
              { path: ['ids', 1], message: 'ID cannot represent value: {}' },
              { path: ['first'], message: 'Int cannot represent non-integer value: 1.5' },
            ],
          },
        },
      ],
    });
    expect(await ask(query)).toMatchObject({
      errors: [
        {
          extensions: { problems: [{ path: ['ids'], message: 'A value of required type "[ID!]!" was not provided.' }] },
        },
      ],
    });
    expect(subgraphs()).toEqual([]);
  });
});

describe('types', () => {
  it('of one response key may differ in each member of a union', async () => {
    world = openWorld(zoo);
    expect(await ask('{ pets { ... on Dog { s: size } ... on Cat { s: size } } }')).toEqual({
      data: { pets: [{ s: 'small' }, null, { s: 3 }] },
    });
  });

  it('of an interface object are told by the subgraph that knows them', async () => {
    world = openWorld(gallery);
    expect(await ask('{ best { __typename score ... on Song { seconds } } }')).toEqual({
      data: { best: { __typename: 'Song', score: 3, seconds: 60 } },
    });
  });
});

describe('a gallery, whose ratings know media as one object', () => {
  beforeEach(() => {
    world = openWorld(gallery);
  });

  it('brings each type what it wants of the one object', async () => {
    const query = '{ media { ... on Song { own: score } ... on Photo { score } } }';
    expect(await ask(query)).toEqual({ data: { media: [{ score: 1 }, { score: null }, { own: 3 }] } });
    expect(await ask('{ best { title ... on Song { own: score } ... on Photo { score } } }')).toEqual({
      data: { best: { title: 'Rain', own: 3 } },
    });
  });

  it('asks nobody for the type of what is the same for all', async () => {
    expect(await ask('{ best { score } }')).toEqual({ data: { best: { score: 3 } } });
    expect(subgraphs()).toEqual(['ratings']);
  });
});

/** What the engine calls the root field in a fetch. */
function aliasIn(query: string): string {
  return /(\w+):/.exec(query.slice(query.lastIndexOf('{', query.indexOf(':'))))?.[1] ?? '';
}
