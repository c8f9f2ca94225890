import { buildSubgraphSchema } from '@apollo/subgraph';
import { type ExecutionResult, execute, parse, print, subscribe } from 'graphql';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Caller, createEngine, createHivePlanner, type Engine, type Transport } from '../../src/engine/index.ts';
import { textOf } from '../../src/engine/normalize.ts';
import { done, PROBLEMS, RESOLVERS, SOURCES, SUPERGRAPH } from './museum.ts';

const visitor: Caller = { isAuthenticated: false, scopes: [] };
const member: Caller = { isAuthenticated: true, scopes: [] };
const having = (...scopes: string[]): Caller => ({ isAuthenticated: true, scopes });
const inOneLine = (operation: string) => print(parse(operation)).replace(/\s+/g, ' ');

describe('what a caller may not have', () => {
  let queries: string[];
  let planned: string[];
  let engine: Engine<Caller>;

  const open = (supergraphSdl: string) => {
    queries = [];
    planned = [];
    done.length = 0;
    const planner = createHivePlanner(supergraphSdl);
    return createEngine<Caller>({
      supergraphSdl,
      planner: {
        ...planner,
        plan: (operation) => {
          planned.push(textOf(operation));
          return planner.plan(operation);
        },
      },
      transports: { museum: transportOf('museum'), insurance: transportOf('insurance') },
      callerOf: (caller) => caller,
    });
  };
  const transportOf = (name: keyof typeof SOURCES): Transport<Caller> => {
    const schema = buildSubgraphSchema([{ typeDefs: parse(SOURCES[name]), resolvers: RESOLVERS[name] }]);
    const asked = ({ query, variables }: { query: string; variables: Readonly<Record<string, unknown>> }) => {
      queries.push(`${name} ${inOneLine(query)}`);
      return { schema, document: parse(query), variableValues: { ...variables } };
    };
    return {
      execute: async (request) => JSON.parse(JSON.stringify(await execute(asked(request)))) as ExecutionResult,
      subscribe: async (request) => subscribe(asked(request)),
    };
  };
  const ask = async (query: string, caller: Caller, variables = {}) => {
    const { data, errors } = await engine.execute({ document: parse(query), context: caller, variables });
    const told = errors?.map(({ extensions, path }) => `${extensions['code']} ${path?.join('.')}`) ?? [];
    return { data, told };
  };

  beforeEach(() => {
    expect(PROBLEMS).toBeUndefined();
    engine = open(SUPERGRAPH);
  });

  it('is null, says so with its path, and no subgraph hears of it', async () => {
    expect(await ask('{ open salary }', visitor)).toEqual({
      data: { open: 'nine to five', salary: null },
      told: ['UNAUTHENTICATED salary'],
    });
    expect(await ask('{ open mine: salary }', member)).toEqual({
      data: { open: 'nine to five', mine: null },
      told: ['FORBIDDEN mine'],
    });
    expect(queries).toEqual(['museum { open }', 'museum { open }']);
    expect(await ask('{ salary }', member)).toEqual({ data: { salary: null }, told: ['FORBIDDEN salary'] });
    expect(queries).toHaveLength(2);
    expect(await ask('{ salary }', having('money:read'))).toEqual({ data: { salary: 5 }, told: [] });
  });

  it('is told by all directives together, and by any of the sets of scopes, each whole', async () => {
    expect((await ask('{ salary }', { isAuthenticated: false, scopes: ['money:read'] })).told).toHaveLength(1);
    expect((await ask('{ ledger }', having('money:read'))).told).toEqual(['FORBIDDEN ledger']);
    expect((await ask('{ ledger }', having('year:2026'))).told).toEqual(['FORBIDDEN ledger']);
    expect((await ask('{ ledger }', having('year:2026', 'money:read'))).data).toEqual({ ledger: 6 });
    expect((await ask('{ ledger }', { isAuthenticated: false, scopes: ['auditor'] })).data).toEqual({ ledger: 6 });
  });

  it('is what a type keeps to itself: an object and what it holds, an enum, a scalar', async () => {
    expect(await ask('{ vault { gold } mood seal }', visitor)).toEqual({
      data: { vault: null, mood: null, seal: null },
      told: ['UNAUTHENTICATED vault', 'UNAUTHENTICATED mood', 'UNAUTHENTICATED seal'],
    });
    expect(queries).toEqual([]);
    expect(await ask('{ vault { gold } mood seal }', member)).toEqual({
      data: { vault: { gold: null }, mood: 'GLAD', seal: 'wax' },
      told: ['FORBIDDEN vault.gold'],
    });
    expect((await ask('{ vault { gold } }', having('money:read'))).data).toEqual({ vault: { gold: 3 } });
  });

  it('is what nobody decides: a policy that is not said to hold does not', async () => {
    expect((await ask('{ rumour }', member)).told).toEqual(['FORBIDDEN rumour']);
    const insider = { ...member, policies: ['insider'] };
    expect((await ask('{ rumour }', insider)).data).toEqual({ rumour: 'psst' });
    const told = async (...policies: string[]) => (await ask('{ secret }', { ...member, policies })).told;
    expect([await told('insider'), await told('sworn')]).toEqual([['FORBIDDEN secret'], ['FORBIDDEN secret']]);
    expect([await told('insider', 'sworn'), await told('director')]).toEqual([[], []]);
    expect((await ask('{ secret }', { ...visitor, policies: ['director'] })).told).toEqual(['UNAUTHENTICATED secret']);
  });

  it.each([
    ['an interface', /(interface Room\s+@join__type\(graph: MUSEUM\))/, { rooms: null }, 'UNAUTHENTICATED rooms'],
    [
      'a field of one',
      /(interface Room[^}]*name: String)/,
      { rooms: [{ name: null, ofHall: 'West' }] },
      'UNAUTHENTICATED rooms.0.name',
    ],
  ])('is what %s keeps to itself, where a supergraph says so', async (_what, place, data, told) => {
    const query = '{ rooms { name ... on Hall { ofHall: name } } }';
    expect((await ask(query, visitor)).data).toEqual({ rooms: [{ name: 'West', ofHall: 'West' }] });
    // Composition takes the directives on objects only; other compositions do not mind.
    const closed = SUPERGRAPH.replace(place, '$1 @signedIn');
    expect(closed).not.toBe(SUPERGRAPH);
    engine = open(closed);
    expect(await ask(query, visitor)).toEqual({ data, told: [told] });
    expect((await ask(query, member)).data).toEqual({ rooms: [{ name: 'West', ofHall: 'West' }] });
  });

  it('is closed on an interface when one of its objects keeps it, and open in a fragment on another', async () => {
    const closed = await ask('{ works { __typename title } }', visitor);
    expect(closed.data).toEqual({
      works: [
        { __typename: 'Painting', title: null },
        { __typename: 'Sketch', title: null },
      ],
    });
    expect(closed.told).toEqual(['UNAUTHENTICATED works.0.title', 'UNAUTHENTICATED works.1.title']);
    expect(queries.join()).not.toContain('title');
    const named = 'fragment Any on Work { title } ';
    const half = await ask(`${named} { works { ...Any ... on Painting { title } ... on Sketch { paper } } }`, visitor);
    expect(half.data).toEqual({ works: [{ title: 'Dawn' }, { title: null, paper: 'A4' }] });
    expect(half.told).toEqual(['UNAUTHENTICATED works.1.title']);
    expect((await ask('{ works { title } }', member)).data).toEqual({ works: [{ title: 'Dawn' }, { title: 'Hands' }] });
  });

  it('is closed in the fragments of a union, on whichever object it stands', async () => {
    const query = '{ found { ... on Painting { title price } ... on Sketch { title } } }';
    const { data, told } = await ask(query, visitor);
    expect(data).toEqual({ found: [{ title: 'Dawn', price: null }, { title: null }] });
    expect(told).toEqual(['UNAUTHENTICATED found.0.price', 'UNAUTHENTICATED found.1.title']);
    expect(queries.join()).not.toContain('price');
    expect(queries.join()).not.toMatch(/Sketch \{ title/);
  });

  it('takes its parent with it where it may not be null, item by item', async () => {
    const { data, told } = await ask('{ hall { name walls { color safe } } }', visitor);
    expect(data).toEqual({ hall: null });
    expect(told).toEqual(['UNAUTHENTICATED hall.walls.0.safe']);
    const found = await ask('{ hall { walls { color } } }', visitor);
    expect(found).toEqual({ data: { hall: { walls: [{ color: 'red' }, { color: 'blue' }] } }, told: [] });
  });

  it('leaves nothing to ask or to do when it takes the whole answer with it', async () => {
    expect(await ask('{ open sure }', visitor)).toEqual({ data: null, told: ['UNAUTHENTICATED sure'] });
    expect(await ask('mutation { paint burn }', member)).toEqual({ data: null, told: ['FORBIDDEN burn'] });
    expect([queries, done]).toEqual([[], []]);
    const { data, told } = await ask('mutation { paint sell }', member);
    expect([data, told, done]).toEqual([{ paint: 1, sell: null }, ['FORBIDDEN sell'], ['paint']]);
  });

  it('is not told by what a subgraph is sent for it, as a key', async () => {
    const { data, told } = await ask('{ hall { keeper { badge insured } } }', visitor);
    expect(data).toEqual({ hall: { keeper: { badge: null, insured: true } } });
    expect(told).toEqual(['UNAUTHENTICATED hall.keeper.badge']);
    expect(queries[0]).toContain('badge');
  });

  it('counts for what a subgraph makes of it, also where the supergraph forgot to say so', async () => {
    const query = '{ found { ... on Painting { premium rating } } }';
    const forgetful = SUPERGRAPH.replace(/(premium: Int @join__field\([^)]*\)) @signedIn/, '$1');
    expect(forgetful).not.toBe(SUPERGRAPH);
    engine = open(forgetful);
    const { data, told } = await ask(query, visitor);
    expect(data).toEqual({ found: [{ premium: null, rating: 4 }, {}] });
    expect(told).toEqual(['UNAUTHENTICATED found.0.premium']);
    expect(queries.join()).not.toContain('price');
    expect((await ask(query, member)).data).toEqual({ found: [{ premium: 1, rating: 4 }, {}] });
  });

  it('says nothing where the client did not want it after all', async () => {
    const query = 'query ($all: Boolean!) { open salary @include(if: $all) }';
    expect((await ask(query, visitor, { all: false })).told).toEqual([]);
    expect((await ask(query, visitor, { all: true })).told).toEqual(['UNAUTHENTICATED salary']);
  });

  it('refuses a stream at its root, and leaves the rest out of each event', async () => {
    const stream = (query: string, caller: Caller) => engine.subscribe({ document: parse(query), context: caller });
    const refused = await stream('subscription { alarm }', visitor);
    expect(refused).toMatchObject({ errors: [{ path: ['alarm'], extensions: { code: 'UNAUTHENTICATED' } }] });
    expect('data' in refused).toBe(false);
    expect(queries).toEqual([]);
    const events: ExecutionResult[] = [];
    const open = await stream('subscription { moved { title price rating } }', visitor);
    if (!(Symbol.asyncIterator in open)) throw new Error('The stream did not open.');
    for await (const event of open) events.push(event);
    expect(events.map(({ data }) => data)).toEqual([
      { moved: { title: 'Dawn', price: null, rating: 4 } },
      { moved: { title: 'Dusk', price: null, rating: 4 } },
    ]);
    expect(events.map(({ errors }) => errors?.map(({ path }) => path))).toEqual([
      [['moved', 'price']],
      [['moved', 'price']],
    ]);
    expect(queries.join()).not.toContain('price');
  });

  it('is planned once for all callers of one sort, and with what everybody has for those who may have all of it', async () => {
    const all = async (query: string, callers: readonly Caller[]) => {
      const document = parse(query);
      const from = planned.length;
      await Promise.all(callers.map((context) => engine.execute({ document, context })));
      return planned.length - from;
    };
    const refused = [visitor, { ...visitor }, member, having('year:2026'), having('fire', 'year:2026')];
    expect(await all('{ open salary }', refused)).toBe(2);
    const allowed = [having('auditor'), having('money:read', 'year:2026'), having('other', 'auditor')];
    expect(await all('{ open ledger }', allowed)).toBe(1);
    expect(await all('{ open }', [visitor, member, having('other')])).toBe(1);
  });

  it('is planned too where somebody wants to know whether a document can be planned', () => {
    engine.verifyPlans(parse('{ salary vault { gold } }'));
    expect(planned.map(inOneLine)).toEqual(['{ salary vault { gold } }']);
  });

  it('is all that is guarded, for everybody, where nobody says who asks', async () => {
    const planner = createHivePlanner(SUPERGRAPH);
    const nobody = createEngine<null>({ supergraphSdl: SUPERGRAPH, planner, transports: {} });
    const { data, errors } = await nobody.execute({ document: parse('{ salary vault { gold } }'), context: null });
    expect([data, errors?.length]).toEqual([{ salary: null, vault: null }, 2]);
  });
});
