import 'reflect-metadata';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { failure } from '@assay/failure';
import type { PermissionTable } from '@assay/policy';
import { anonymous, createPrincipalSigner, createPrincipalVerifier, type Principal } from '@assay/principal';
import { Arg, Directive, Field, ID, ObjectType, Query, Resolver, Root, Subscription } from 'type-graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSubgraphHandler, federate, guard, type SubgraphHandler } from './index.ts';

@Directive('@key(fields: "id")')
@ObjectType({ description: 'A stone.' })
class Stone {
  @Field(() => ID)
  id: string;
  @Field(() => String)
  secret: string;
}

async function* threeStones() {
  for (const id of ['1', '2', '3']) yield { id, secret: 's' };
}

@Resolver(() => Stone)
class StoneResolver {
  @Query(() => Stone, { nullable: true })
  stone(@Arg('id', () => ID) id: string): Stone | null {
    if (id === 'gone') throw failure('NOT_FOUND', 'There is no such stone.');
    if (id === 'broken') throw new Error('password=hunter2');
    return { id, secret: 's' };
  }

  @Subscription(() => Stone, { subscribe: () => threeStones() })
  stones(@Root() stone: Stone): Stone {
    return stone;
  }
}

const key = Buffer.alloc(32, 7).toString('base64url');
const sign = createPrincipalSigner(key, 'stones');
const visitor = anonymous('r1', null);
const member: Principal = {
  ...visitor,
  subject: '018f0000-0000-7000-8000-000000000001',
  scopes: ['storefront:read', 'account:read'],
};

const permissions = {
  'Query.stone': { scope: 'storefront:read' },
  'Subscription.stones': { scope: 'account:read' },
  'Stone.id': { scope: 'storefront:read' },
  'Stone.secret': { scope: 'account:read', policies: ['risk:tolerable'] },
} as const;

describe('a subgraph', () => {
  let subgraph: SubgraphHandler;
  let sdl: string;
  const reported: unknown[] = [];
  let open = 0;

  beforeAll(async () => {
    const made = await federate({
      resolvers: [StoneResolver],
      orphanedTypes: [],
      references: { Stone: async ({ id }) => ({ id, secret: 's' }) },
      permissions,
    });
    sdl = made.sdl;
    subgraph = createSubgraphHandler({
      name: 'stones',
      schema: guard(made.schema, permissions),
      verifyPrincipal: createPrincipalVerifier(key, 'stones'),
      openScope: (principal) => {
        open += 1;
        return { context: { principal }, end: async () => void (open -= 1) };
      },
      report: (_id, error) => reported.push(error),
      health: async () => ({}),
    });
  });

  const ask = async (query: string, principal: Principal = visitor) =>
    subgraph.execute({ query, principalToken: await sign(principal) });

  it('keeps keys and descriptions in its SDL', () => {
    expect(sdl).toContain('@key(fields: "id")');
    expect(sdl).toContain('A stone.');
  });

  it('tells a gateway what each field asks for, and says nothing where it is for everybody', () => {
    expect(sdl).toContain(
      'secret: String! @authenticated @requiresScopes(scopes: [["account:read"]]) @policy(policies: [["risk:tolerable"]])',
    );
    expect(sdl).toMatch(/ {2}id: ID!\n/);
  });

  it('answers what the caller may have and refuses a field without its scope', async () => {
    expect((await ask('{ stone(id: "1") { id } }')).data).toEqual({ stone: { id: '1' } });
    const refused = await ask('{ stone(id: "1") { secret } }');
    expect(refused.errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
    expect((await ask('{ stone(id: "1") { secret } }', member)).data).toEqual({ stone: { secret: 's' } });
  });

  it('keeps no more of documents than its heap has room for, whatever comes', async () => {
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    const held = () => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    const large = (field: string) => `{ stone(id: "1") { ${`${field} `.repeat(600)} } }`;
    for (const field of ['id', 'nothing']) {
      const before = held();
      // A fifth of a megabyte each, and more.
      for (let n = 0; n < 500; n += 1) await ask(`${large(field)} # ${n}`);
      expect(held() - before).toBeLessThan(60 * 1024 * 1024);
    }
  }, 60_000);

  it('refuses a field whose policy does not hold of the caller, and says why', async () => {
    const { data, errors } = await ask('{ stone(id: "1") { id secret } }', { ...member, risk: 1 });
    expect(data).toEqual({ stone: null });
    expect(errors?.[0]).toMatchObject({
      message: 'Nothing is changed from where this session is now.',
      extensions: { code: 'FORBIDDEN' },
    });
  });

  it('guards entities like everything else', async () => {
    const query = '{ _entities(representations: [{ __typename: "Stone", id: "1" }]) { ... on Stone { secret } } }';
    expect((await ask(query)).errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
    expect((await ask(query, member)).data).toEqual({ _entities: [{ secret: 's' }] });
  });

  it('refuses a call without a principal, also of introspection of the service', async () => {
    const answer = await subgraph.execute({ query: '{ _service { sdl } }', principalToken: 'x' });
    expect(answer.errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
    expect(answer.data).toBeUndefined();
  });

  it('shows a failure and masks everything else', async () => {
    expect((await ask('{ stone(id: "gone") { id } }')).errors?.[0]).toMatchObject({
      message: 'There is no such stone.',
      extensions: { code: 'NOT_FOUND' },
    });
    const masked = (await ask('{ stone(id: "broken") { id } }')).errors?.[0];
    expect(JSON.stringify(masked)).not.toContain('hunter2');
    expect(masked?.extensions).toMatchObject({ code: 'INTERNAL', errorId: expect.any(String) });
    expect(String(reported.at(-1))).toContain('hunter2');
  });

  it('guards a stream at its start, and ends its scopes', async () => {
    const query = 'subscription { stones { id } }';
    const refused = await subgraph.subscribe({ query, principalToken: await sign(visitor) });
    expect(refused).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    const stream = await subgraph.subscribe({ query, principalToken: await sign(member) });
    const seen: unknown[] = [];
    if (Symbol.asyncIterator in stream) for await (const event of stream) seen.push(event.data);
    expect(seen).toEqual([{ stones: { id: '1' } }, { stones: { id: '2' } }, { stones: { id: '3' } }]);
    expect(open).toBe(0);
  });

  it('does not start with a field that has no rule', async () => {
    const build = (table: PermissionTable) =>
      federate({ resolvers: [StoneResolver], orphanedTypes: [], references: {}, permissions: table });
    const { schema } = await build(permissions);
    const { 'Stone.secret': _left, ...fewer } = permissions;
    expect(() => guard(schema, fewer)).toThrow('Stone.secret');
    await expect(build(fewer)).rejects.toThrow('Stone.secret');
  });
});
