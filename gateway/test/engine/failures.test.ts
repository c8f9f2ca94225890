import { type ExecutionResult, GraphQLError, parse } from 'graphql';
import { beforeEach, describe, expect, it } from 'vitest';
import { aliasIn, asking, away } from './asking.ts';
import { type OpenWorld, openWorld } from './world.ts';
import { failing, shop } from './worlds.ts';

let world: OpenWorld;
const { ask, subgraphs } = asking(() => world);

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

  it.each([
    ['timed out', new Error('Body Timeout Error'), 'no answer came, and what it was asked to do may be done'],
    ['was refused', Object.assign(new Error(''), { code: 'ECONNREFUSED' }), 'it could not be reached'],
  ])('of a change say whether it may be done: one that %s', async (_how, cause, why) => {
    world.broken.set('catalogue', () => {
      throw cause;
    });
    const got = await ask('mutation { rename(id: "b1", title: "New") { title } }');
    expect(got).toMatchObject({ data: { rename: null }, errors: [{ path: ['rename'] }] });
    expect(got.errors?.[0]?.message).toBe(`The part of the answer that comes from catalogue is missing: ${why}.`);
  });

  it('that a subgraph tells by the thousand are heard a hundred times', async () => {
    const many = Array.from({ length: 10_000 }, (_, n) => new GraphQLError(`No. ${n}`, { path: ['me'] }));
    world.broken.set('people', () => ({ data: { me: { name: 'Ada' } }, errors: many }));
    const { data, errors } = await ask('{ me { name } }');
    expect(data).toEqual({ me: { name: 'Ada' } });
    expect(errors).toHaveLength(100);
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

  it.each([
    ['query ($no: Boolean = true) { me @skip(if: $no) { id } }', { no: null }],
    ['query ($no: Boolean = true) { me { ...F } } fragment F on Person { id @include(if: $no) }', { no: null }],
    ['query ($no: Boolean = true) { __schema { queryType { name @skip(if: $no) } } }', { no: null }],
  ])('that decide what is in the answer cannot be null: %s', async (query, variables) => {
    for (const given of [variables, { no: true }, variables]) {
      const { data, errors } = await ask(query, given);
      if (given.no === null) expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
      else expect(errors).toBeUndefined();
      expect(data === undefined).toBe(given.no === null);
    }
    const other =
      'query A($no: Boolean = true) { rate(zip: "20") } query B($no: Boolean = true) { me @skip(if: $no) { id } }';
    expect(
      await world.engine.execute({ document: parse(other), operationName: 'A', variables, context: null }),
    ).toEqual({
      data: { rate: 20 },
    });
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
