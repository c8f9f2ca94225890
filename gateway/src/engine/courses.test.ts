import { composeServices } from '@apollo/composition';
import { type DocumentNode, parse } from 'graphql';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AnswerText, createEngine, createHivePlanner, type Engine, TextAnswer, type Transport } from './index.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n';
const SHOP = `${LINK} type Query { offers: [Stone!]! } type Stone @key(fields: "id") { id: ID! }`;
const PRICES = `${LINK} type Stone @key(fields: "id") { id: ID!  price: Int }`;
const OFFERS = parse('{ offers { id price } }');

const offers = (...ids: readonly string[]) => ({
  offers: ids.map((id) => ({ __typename: 'Stone', id })),
});
const prices = (...each: readonly number[]) => ({ _entities: each.map((price) => ({ price })) });
const answer = (data: object) => new TextAnswer(JSON.stringify({ data }));

interface Caller {
  readonly session: string;
}

describe('what follows from the same answers', () => {
  /** What each subgraph says next; the last of it for ever. */
  let shop: (TextAnswer | Error)[];
  let till: (TextAnswer | Error)[];
  let asked: unknown[];
  let engine: Engine<Caller>;

  beforeEach(() => {
    [shop, till, asked] = [[answer(offers('a', 'b'))], [answer(prices(1, 2))], []];
    const services = Object.entries({ shop: SHOP, till: PRICES });
    const { supergraphSdl = '' } = composeServices(
      services.map(([name, sdl]) => ({ name, typeDefs: parse(sdl), url: `http://${name}` })),
    );
    const saying = (what: () => (TextAnswer | Error)[]): Transport<Caller> => ({
      execute: async ({ variables }) => {
        asked.push(variables['representations'] ?? 'offers');
        const said = what();
        const next = said.length > 1 ? said.shift() : said[0];
        if (next instanceof TextAnswer) return next.copy();
        throw next;
      },
      subscribe: async () => ({}),
    });
    engine = createEngine({
      supergraphSdl,
      planner: createHivePlanner(supergraphSdl),
      transports: { shop: saying(() => shop), till: saying(() => till) },
      classOf: ({ session }) => session,
    });
  });
  afterEach(() => void vi.useRealTimers());

  const ask = async (session = 'ann', document: DocumentNode = OFFERS) => {
    const { data, errors } = await engine.execute({ document, context: { session }, mayBeText: true });
    if (!(data instanceof AnswerText)) throw new Error('This is no text.');
    return { answer: data, text: data.text, errors };
  };
  const all = (count: number) => Promise.all(Array.from({ length: count }, () => ask()));

  it('is derived once, and each still asks the subgraphs for himself', async () => {
    const [first, second] = await all(2);
    expect(first?.text).toBe('{"offers":[{"id":"a","price":1},{"id":"b","price":2}]}');
    expect(second?.answer).toBe(first?.answer);
    expect(asked).toHaveLength(4);
  });

  it('ends where an answer differs, in whichever fetch', async () => {
    shop = [answer(offers('a', 'b')), answer(offers('c'))];
    till = [answer(prices(1, 2)), answer(prices(3))];
    const [first, second] = await all(2);
    expect(first?.text).toBe('{"offers":[{"id":"a","price":1},{"id":"b","price":2}]}');
    expect(second?.text).toBe('{"offers":[{"id":"c","price":3}]}');

    shop = [answer(offers('a', 'b'))];
    till = [1, 7, 1, 8].map((price) => answer(prices(price, 2)));
    const texts = (await all(4)).map(({ text }) => text);
    expect(texts).toEqual([1, 7, 1, 8].map((price) => `{"offers":[{"id":"a","price":${price}},{"id":"b","price":2}]}`));
  });

  it('is nobody’s but his whose subgraph failed, or told errors', async () => {
    till = [answer(prices(1, 2)), new Error('away'), answer(prices(1, 2))];
    const [first, second, third] = await all(3);
    expect(second?.text).toBe('{"offers":[{"id":"a","price":null},{"id":"b","price":null}]}');
    expect(second?.errors).toHaveLength(2);
    expect([first, third].map((each) => each?.errors)).toEqual([undefined, undefined]);
    expect(third?.answer).toBe(first?.answer);
  });

  it('is shared by nobody of another class, whatever the answers', async () => {
    const [ann, ben] = await Promise.all([ask('ann'), ask('ben')]);
    expect(ben.text).toBe(ann.text);
    expect(ben.answer).not.toBe(ann.answer);
  });

  it('is kept for a moment where it was of use, and not at all where nobody came twice', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
    const [alone] = await all(1);
    const [first] = await all(2);
    expect(first?.answer).not.toBe(alone?.answer);
    expect((await ask()).answer).toBe(first?.answer);
    vi.advanceTimersByTime(2_500);
    expect((await ask()).answer).not.toBe(first?.answer);
    expect(vi.getTimerCount()).toBeLessThanOrEqual(1);
  });

  it('tells each of many his own answer, however many there are', async () => {
    till = Array.from({ length: 40 }, (_, price) => answer(prices(price, 0)));
    const texts = (await all(40)).map(({ text }) => text);
    expect(new Set(texts).size).toBe(40);
  });

  it('is derived alone where data is wanted and not its text', async () => {
    const results = await Promise.all(
      [1, 2].map(() => engine.execute({ document: OFFERS, context: { session: 'ann' } })),
    );
    expect(results[0]).toEqual({
      data: {
        offers: [
          { id: 'a', price: 1 },
          { id: 'b', price: 2 },
        ],
      },
    });
    expect(results[1]?.data).not.toBe(results[0]?.data);
  });
});
