import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { AnswerText, createEngine, createHivePlanner, TextAnswer } from '../../src/engine/index.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])';
const SDL = {
  books: `${LINK} type Query { books: [Book!] shelf: Int } type Book @key(fields: "id") { id: ID! title: String }`,
  stars: `${LINK} type Book @key(fields: "id") { id: ID! stars: Int kind: String }`,
};
const { supergraphSdl = '' } = composeServices(
  Object.entries(SDL).map(([name, sdl]) => ({ name, typeDefs: parse(sdl), url: '' })),
);
const BOOKS = [
  { __typename: 'Book', id: 'b1', title: 'Notes' },
  { __typename: 'Book', id: 'b2', title: 'Compilers' },
];
const say = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
const entities = (...list: unknown[]) => say({ data: { _entities: list } });
const planner = createHivePlanner(supergraphSdl);

describe('what a subgraph leaves out', () => {
  const answers: Record<string, string> = {};
  const transports = Object.fromEntries(
    Object.keys(SDL).map((name) => {
      const execute = async () => new TextAnswer(answers[name] ?? '');
      return [name, { execute, subscribe: execute }];
    }),
  );
  const engine = createEngine<null>({ supergraphSdl, planner, transports });
  /** What is asked again is derived from bytes, where that can be; the answers are the same. */
  const ask = async (query: string) => {
    const asked = { document: parse(query), context: null, mayBeText: true };
    const results = [await engine.execute(asked), await engine.execute(asked)];
    const [first, again] = results.map(({ data, errors }) => ({
      data: data instanceof AnswerText ? JSON.parse(data.text) : data,
      errors,
      told: errors?.map(({ extensions, path }) => [extensions['code'], path]),
    }));
    expect(again).toEqual(first);
    return { data: first?.data, errors: first?.errors, told: first?.told };
  };

  it.each<[string, string, readonly (number | null)[], readonly number[]]>([
    ['a field of an entity', entities({ stars: 5 }, {}), [5, null], [1]],
    ['an entity at the end', entities({ stars: 5 }), [5, null], [1]],
    ['all entities', entities(), [null, null], [0, 1]],
    ['the list of entities', say({ data: {} }), [null, null], [0, 1]],
    ['the list, for null', say({ data: { _entities: null } }), [null, null], [0, 1]],
    ['the list, for an object', say({ data: { _entities: { stars: 5 } } }), [null, null], [0, 1]],
    ['entities, for a text and a list', entities('x', []), [null, null], [0, 1]],
    ['nothing, but knows no such entity', entities({ stars: 5 }, null), [5, null], []],
    ['nothing, and tells too much', entities({ stars: 5 }, { stars: 3 }, { stars: 1 }), [5, 3], []],
  ])('is null, and an error with its path says whose it was: %s', async (_what, answer, stars, places) => {
    Object.assign(answers, { books: say({ data: { books: BOOKS, shelf: 7 } }), stars: answer });
    const { data, told, errors } = await ask('{ shelf books { title stars } }');
    expect(data).toEqual({ shelf: 7, books: BOOKS.map(({ title }, at) => ({ title, stars: stars[at] })) });
    expect(told ?? []).toEqual(places.map((index) => ['UPSTREAM_UNAVAILABLE', ['books', index, 'stars']]));
    for (const { message } of errors ?? []) expect(message).toContain('comes from stars is missing');
  });

  it.each<[string, unknown, unknown, unknown]>([
    ['a root', { shelf: 7 }, { shelf: 7, books: null }, ['books']],
    [
      'a leaf',
      { shelf: 7, books: [{ __typename: 'Book', id: 'b1' }] },
      { shelf: 7, books: [{ title: null, stars: 4 }] },
      ['books', 0, 'title'],
    ],
    [
      'a key',
      { shelf: 7, books: [{ __typename: 'Book', title: 'x' }] },
      { shelf: 7, books: [{ title: 'x', stars: null }] },
      ['books', 0, 'stars'],
    ],
  ])('is null and says so where others wait for it: %s', async (_what, first, data, path) => {
    Object.assign(answers, { books: say({ data: first }), stars: entities({ stars: 4 }) });
    const got = await ask('{ shelf books { title stars } }');
    expect(got.data).toEqual(data);
    expect(got.told).toEqual([['UPSTREAM_UNAVAILABLE', path]]);
    expect(got.errors?.[0]?.message).toMatch(/comes from (books|stars) is missing/);
  });

  it('is told a hundred times and not a thousand', async () => {
    const many = Array.from({ length: 1_000 }, (_, n) => ({ __typename: 'Book', id: `b${n}` }));
    Object.assign(answers, { books: say({ data: { books: many } }), stars: entities(...many.map(() => ({}))) });
    const { data, told } = await ask('{ books { stars title } }');
    expect(data).toEqual({ books: many.map(() => ({ stars: null, title: null })) });
    expect(told).toHaveLength(100);
  });

  it('is not what it knows nothing of', async () => {
    Object.assign(answers, {
      books: say({ data: { books: BOOKS, shelf: null } }),
      stars: entities(null, null),
    });
    const { data, errors } = await ask('{ shelf books { title stars kind } }');
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      shelf: null,
      books: BOOKS.map(({ title }) => ({ title, stars: null, kind: null })),
    });
  });

  it('is what needs a key that is no key, and nothing else', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    answers.books = say(`{"data":{"shelf":7,"books":[{"__typename":"Book","id":${deep},"title":"x"}]}}`);
    const { data, told } = await ask('{ shelf books { title stars } }');
    expect(data).toEqual({ shelf: 7, books: [{ title: 'x', stars: null }] });
    expect(told).toEqual([['UPSTREAM_UNAVAILABLE', ['books', 0, 'stars']]]);
  });
});
