import { composeServices } from '@apollo/composition';
import { lexicographicSortSchema, parse, printSchema } from 'graphql';
import { describe, expect, it, vi } from 'vitest';
import { createEngine } from '../engine.ts';
import type { Planner } from '../planner.ts';
import { publicSchema } from '../public-schema.ts';
import { loadApolloPlanner } from './apollo.ts';
import { loadHivePlanner } from './hive.ts';
import { openPlanner } from './open.ts';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated"])';
const composed = composeServices(
  [
    `type Query { book: Book } enum Kind { PAPER } type Book @key(fields: "id") { id: ID! title(upper: Boolean = false): String kind: Kind }`,
    `type Book @key(fields: "id") { id: ID! stars: Int @authenticated secret: Int @deprecated(reason: "old") }`,
  ].map((sdl, index) => ({ name: `s${index}`, url: '', typeDefs: parse(LINK + sdl) })),
);
const SDL = composed.supergraphSdl ?? '';

const away = () => {
  throw new Error('no binary for this machine');
};
/** Of what is asked of two subgraphs, one after the other. */
const kindOf = (planner: Planner) => {
  let kind: string | undefined;
  const plan: Planner['plan'] = (operation) => {
    const made = planner.plan(operation);
    kind = made?.kind;
    return made;
  };
  const engine = createEngine({ supergraphSdl: SDL, planner: { ...planner, plan }, transports: {} });
  engine.verifyPlans(parse('{ book { stars } }'));
  return kind;
};

describe('a planner by its name', () => {
  it.each(['native', 'apollo'] as const)('%s plans, and nothing is reported', (name) => {
    const report = vi.fn();
    expect(kindOf(openPlanner(SDL, { name, report, isAlone: true }))).toBe('Sequence');
    expect(report).not.toHaveBeenCalled();
  });

  it('shows clients the same schema, whichever it is', () => {
    const [native, apollo] = (['native', 'apollo'] as const).map((name) => {
      const schema = publicSchema(openPlanner(SDL, { name, report: vi.fn() }).publicSdl);
      return printSchema(lexicographicSortSchema(schema));
    });
    expect(apollo).toBe(native);
    expect(native).toContain('secret: Int @deprecated(reason: "old")');
  });

  it('is the other where the native binary does not load, in one line that says so', () => {
    const report = vi.fn();
    const loads = { native: away, apollo: loadApolloPlanner };
    expect(kindOf(openPlanner(SDL, { name: 'native', report, isAlone: true, loads }))).toBe('Sequence');
    expect(report.mock.calls).toEqual([
      [
        'the native planner does not load here: @apollo/query-planner takes over',
        new Error('no binary for this machine'),
      ],
    ]);
  });

  it('is an error that says what to install where there is neither', () => {
    const loads = { native: away, apollo: away };
    expect(() => openPlanner(SDL, { name: 'native', report: vi.fn(), loads })).toThrow(
      'There is no planner: the native one does not load on this machine, and @apollo/query-planner and',
    );
  });

  it('is nothing else when apollo was asked for and is not installed', () => {
    const loads = { native: loadHivePlanner, apollo: away };
    expect(() => openPlanner(SDL, { name: 'apollo', report: vi.fn(), loads })).toThrow(
      'The planner "apollo" is not installed: add @apollo/query-planner',
    );
  });

  it.each(['native', 'apollo'] as const)(
    '%s is of no use for arguments from a context: the engine refuses them',
    (name) => {
      const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@context", "@fromContext"])`;
      const { supergraphSdl = '' } = composeServices(
        [
          `type Query { u: User } type User @key(fields: "id") @context(name: "uc") { id: ID! currency: String c: Cost }
         type Cost @key(fields: "id") { id: ID! amount(c: String @fromContext(field: "$uc { currency }")): String }`,
          'type Query { n: Int } type Cost @key(fields: "id") { id: ID! y: Int }',
        ].map((sdl, index) => ({ name: `s${index}`, url: '', typeDefs: parse(link + sdl) })),
      );
      expect(supergraphSdl).toContain('contextArguments');
      const planner = openPlanner(supergraphSdl, { name, report: vi.fn() });
      expect(() => createEngine({ supergraphSdl, planner, transports: {} })).toThrow(
        'The supergraph has Cost.amount take arguments from a context (@fromContext), which is not served.',
      );
    },
  );

  it('does not hide a supergraph that cannot be read behind the other', () => {
    const report = vi.fn();
    expect(() => openPlanner('type Query {', { name: 'native', report, isAlone: true })).toThrow();
    expect(report).not.toHaveBeenCalled();
  });
});
