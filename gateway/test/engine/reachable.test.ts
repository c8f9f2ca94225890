import { readFileSync } from 'node:fs';
import { scopesOf } from '@assay/policy';
import type { Role } from '@assay/principal';
import {
  buildClientSchema,
  buildSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  introspectionFromSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isUnionType,
  parse,
  validateSchema,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { type Caller, isMet } from '../../src/engine/access/need.ts';
import { type Needs, readNeeds } from '../../src/engine/access/needs.ts';
import { createReachable } from '../../src/engine/access/reachable.ts';
import { createEngine, createHivePlanner } from '../../src/engine/index.ts';
import { randomOf } from './random-query.ts';
import { openWorld, type World } from './world.ts';
import { failing, gallery, shop, zoo } from './worlds.ts';

const VISITOR: Caller = { isAuthenticated: false, scopes: ['storefront:read'] };
const withRole = (...roles: Role[]): Caller => ({
  isAuthenticated: true,
  scopes: scopesOf(roles, []),
  policies: ['risk:tolerable'],
});

/** Every name in a schema that a reader of it sees: `Type`, `Type.field`, `Enum.VALUE`, `Type.field(argument:)`. */
function namesIn(schema: GraphQLSchema): ReadonlySet<string> {
  const names = Object.values(schema.getTypeMap()).flatMap((type) => {
    if (type.name.startsWith('__')) return [];
    if (isEnumType(type)) return [type.name, ...type.getValues().map((value) => `${type.name}.${value.name}`)];
    if (isUnionType(type)) return [type.name, ...type.getTypes().map((member) => `${type.name}|${member.name}`)];
    if (isInputObjectType(type))
      return [type.name, ...Object.keys(type.getFields()).map((name) => `${type.name}.${name}`)];
    if (!isObjectType(type) && !isInterfaceType(type)) return [type.name];
    return Object.values(type.getFields()).flatMap(({ name, args }) => [
      type.name,
      `${type.name}.${name}`,
      ...args.map((argument) => `${type.name}.${name}(${argument.name}:)`),
    ]);
  });
  return new Set(names);
}

/** As a client reads it; a schema that was made of another believes of itself that it is valid. */
function asRead(introspection: IntrospectionQuery): GraphQLSchema {
  const schema = buildClientSchema(introspection);
  expect(validateSchema(schema)).toEqual([]);
  return schema;
}

describe('the schema of the marketplace, where each is shown what may be reached', () => {
  const supergraphSdl = readFileSync(new URL('../../../codegen/supergraph.graphql', import.meta.url), 'utf8');
  const engine = createEngine<Caller>({
    supergraphSdl,
    planner: createHivePlanner(supergraphSdl),
    transports: {},
    callerOf: (caller) => caller,
    introspection: 'scoped',
  });
  const document = parse(getIntrospectionQuery());
  const shownTo = async (caller: Caller) => {
    const { data, errors } = await engine.execute({ document, context: caller });
    expect(errors).toBeUndefined();
    return namesIn(asRead(data as unknown as IntrospectionQuery));
  };
  const expectSeen = (names: ReadonlySet<string>, seen: string, unseen: string) => {
    const split = (text: string) => text.trim().split(/\s+/);
    expect(split(seen).filter((name) => !names.has(name))).toEqual([]);
    expect(split(unseen).filter((name) => names.has(name))).toEqual([]);
  };

  it('is the storefront to a visitor, with nothing to change', async () => {
    expectSeen(
      await shownTo(VISITOR),
      'Query.asset Query.assets Query.assets(filter:) AssetFilter AssetKind.IMAGE Asset.preview Subscription.assetEvents Query.me',
      `Mutation Query.quarantine Query.sessions Query.auditEntries AuditEntry AuditFilter Subscription.moderationEvents
      CreateUploadInput UploadForm ModerationVerdict ModerationVerdict.RELEASE PrivilegedScope Session CreateDownloadInput`,
    );
  });

  it('is what a buyer may do besides, and nothing of who makes or moderates', async () => {
    expectSeen(
      await shownTo(withRole('buyer')),
      'Query.assets Mutation.createDownload CreateDownloadInput.licenseKey Mutation.revokeSession Query.sessions Session.current',
      `Mutation.createUpload CreateUploadInput UploadVisibility Mutation.moderateAsset ModerateAssetInput Query.quarantine
      Mutation.issueLicense IssueLicensePayload.key Query.auditEntries AuditEntryConnection PrivilegedAccessRequest`,
    );
  });

  it('is the queue and its verdicts to a moderator, and neither uploads nor the trail', async () => {
    expectSeen(
      await shownTo(withRole('platform_admin')),
      'Query.quarantine Mutation.moderateAsset ModerationVerdict.RELEASE Subscription.moderationEvents Mutation.approvePrivilegedAccess',
      `Mutation.createUpload CreateUploadInput UploadForm Query.auditEntries AuditEntry AuditFilter Mutation.requestPrivilegedAccess
      RequestPrivilegedAccessInput`,
    );
  });

  it('names to nobody what is not there for him', async () => {
    const typeOf = async (caller: Caller) =>
      (await engine.execute({ document: parse('{ __type(name: "AuditEntry") { name } }'), context: caller })).data;
    expect(await typeOf(withRole('buyer'))).toEqual({ __type: null });
    expect(await typeOf(withRole('security'))).toEqual({ __type: { name: 'AuditEntry' } });
  });

  it('is whole to everybody where nothing else is configured', async () => {
    const open = createEngine<Caller>({
      supergraphSdl,
      planner: createHivePlanner(supergraphSdl),
      transports: {},
      callerOf: (caller) => caller,
    });
    const { data } = await open.execute({
      document: parse('{ __type(name: "AuditEntry") { name } }'),
      context: VISITOR,
    });
    expect(data).toEqual({ __type: { name: 'AuditEntry' } });
  });
});

describe('what a caller reaches of a schema', () => {
  const DIRECTIVES = `
    directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
    directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
  `;
  const open = (sdl: string) => {
    const text = `${sdl}${DIRECTIVES}`;
    const schema = buildSchema(text);
    return createReachable(schema, readNeeds(parse(text), schema));
  };
  const shown = (sdl: string, caller: Caller) => {
    const names = namesIn(asRead(introspectionFromSchema(open(sdl)(caller))));
    return [...names].filter((name) => !['String', 'Int', 'Boolean', 'ID', 'Float'].includes(name)).sort();
  };

  it('has no field without its type, and no type without a field', () => {
    const sdl = `
      type Query { open: Int  hall: Hall  found: Hit }
      type Hall { keeper: Keeper }
      type Keeper { badge: Int @authenticated }
      union Hit = Keeper | Hall | Wall
      type Wall { color: Int }
    `;
    expect(shown(sdl, VISITOR)).toEqual(
      ['Hit', 'Hit|Wall', 'Query', 'Query.found', 'Query.open', 'Wall', 'Wall.color'].sort(),
    );
    expect(shown(sdl, withRole('buyer'))).toContain('Keeper.badge');
  });

  it('has no field on an interface that one of its objects keeps', () => {
    const sdl = `
      type Query { works: [Work] }
      interface Work { id: Int  title: String }
      type Painting implements Work { id: Int  title: String }
      type Sketch implements Work { id: Int  title: String @authenticated }
    `;
    const names = shown(sdl, VISITOR);
    expect(names).toContain('Painting.title');
    expect(names).not.toContain('Sketch.title');
    expect(names).not.toContain('Work.title');
  });

  it('has no argument of a type that is kept, and no field that cannot be asked without it', () => {
    const sdl = `
      type Query { a(mood: Mood): Int  b(mood: Mood!): Int  c(in: In): Int  d(in: Must!): Int  e(mood: Mood! = GLAD): Int }
      enum Mood @authenticated { GLAD }
      input In { mood: Mood  size: Int }
      input Must { mood: Mood!  size: Int }
    `;
    expect(shown(sdl, VISITOR)).toEqual(
      ['Query', 'Query.a', 'Query.c', 'Query.c(in:)', 'Query.e', 'In', 'In.size'].sort(),
    );
    expect(shown(sdl, withRole('buyer'))).toContain('Mood.GLAD');
  });

  it('is refused where nothing is left, by the code that the fields would have', () => {
    const reach = open('type Query { a: Int @authenticated  b: Int @requiresScopes(scopes: [["x"]]) }');
    expect(() => reach(VISITOR)).toThrowError(expect.objectContaining({ extensions: { code: 'UNAUTHENTICATED' } }));
    expect(namesIn(reach(withRole('buyer'))).has('Query.b')).toBe(false);
    const closed = open('type Query { b: Int @requiresScopes(scopes: [["x"]]) }');
    expect(() => closed(withRole('buyer'))).toThrowError(
      expect.objectContaining({ extensions: { code: 'FORBIDDEN' } }),
    );
  });

  it('is made once for all who have the same of what counts, whoever they are', () => {
    const reach = open('type Query { a: Int  b: Int @requiresScopes(scopes: [["x"]]) }');
    const having = (...scopes: string[]): Caller => ({ isAuthenticated: true, scopes });
    expect(reach(having('x', 'other'))).toBe(reach(having('another', 'x')));
    expect(reach(having('other'))).toBe(reach(having()));
    expect(reach(having('x'))).not.toBe(reach(having()));
  });
});

describe.each([shop, zoo, gallery, failing])('$name, with some of it closed', (world: World) => {
  it('is valid, and shows nothing that may not be asked', () => {
    const { whole } = openWorld(world);
    for (let seed = 1; seed <= 40; seed += 1) {
      const random = randomOf(seed);
      const needs = closing(whole, random);
      const reach = createReachable(whole, needs);
      let left: GraphQLSchema;
      try {
        left = asRead(introspectionFromSchema(reach(VISITOR)));
      } catch (error) {
        expect(error).toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
        continue;
      }
      for (const name of namesIn(left)) {
        const [type = '', field] = name.split(/[.(|]/);
        expect({ seed, name, isOpen: field === undefined || isMet(needs.of(type, field), VISITOR) }).toMatchObject({
          isOpen: true,
        });
      }
    }
  });
});

/** Closes some of the fields of a schema to visitors, and on its interfaces what one of their objects keeps. */
function closing(schema: GraphQLSchema, random: () => number): Needs {
  const closed = new Set<string>();
  for (const type of Object.values(schema.getTypeMap()))
    if (isObjectType(type))
      for (const field of Object.keys(type.getFields())) if (random() < 0.2) closed.add(`${type.name}.${field}`);
  const isClosed = (typeName: string, field: string): boolean => {
    const type = schema.getType(typeName);
    return isInterfaceType(type)
      ? schema.getPossibleTypes(type).some(({ name }) => closed.has(`${name}.${field}`))
      : closed.has(`${typeName}.${field}`);
  };
  return {
    of: (type, field) => (isClosed(type, field) ? [[[{ kind: 'authenticated', name: '' }]]] : []),
    ofType: () => [],
  };
}
