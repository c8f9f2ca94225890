import { describe, expect, it } from 'vitest';
import { asking } from './asking.ts';
import { openWorld } from './world.ts';
import { shop } from './worlds.ts';
import { market } from './worlds-of-plain-things.ts';

describe('a name that every object of JavaScript has', () => {
  const INHERITED = ['constructor', 'toString', 'valueOf', 'hasOwnProperty'];

  it.each(planningsOf())('is a field like others, %s', async (_how, isAlone) => {
    const { ask } = asking(() => openWorld(market, {}, { name: 'native', isAlone }));
    expect(await ask('{ keeper { constructor { id takings } toString valueOf } hasOwnProperty { toString } }')).toEqual(
      {
        data: {
          keeper: { constructor: { id: 's1', takings: 700 }, toString: 'Ada!', valueOf: 2 },
          hasOwnProperty: { toString: null },
        },
      },
    );
  });

  it('is no field where its subgraph does not answer', async () => {
    const world = openWorld(market);
    world.broken.set('purse', () => {
      throw new Error('away');
    });
    const { data, errors } = await asking(() => world).ask('{ keeper { name toString valueOf } }');
    expect(data).toEqual({ keeper: null });
    expect(errors?.map(({ path }) => path)).toEqual([
      ['keeper', 'toString'],
      ['keeper', 'valueOf'],
    ]);
  });

  it.each(INHERITED)('is an alias like others: %s', async (name) => {
    const { ask } = asking(() => openWorld(shop));
    expect(await ask(`{ ${name}: me { ${name}: shipping } }`)).toEqual({
      data: { [name]: { [name]: expect.any(String) } },
    });
  });

  it.each(INHERITED)('is a variable that was not given: %s', async (name) => {
    const world = openWorld(market);
    const query = `query ($${name}: Int) { hasOwnProperty(toString: $${name}) { name } }`;
    expect(await asking(() => world).ask(query)).toEqual({ data: { hasOwnProperty: { name: 'Bo' } } });
    expect(world.calls.map(({ variables }) => Object.keys(variables))).toEqual([[]]);
  });

  it('is refused for a variable where it would be what objects inherit from', async () => {
    const { ask } = asking(() => openWorld(market));
    expect(await ask('query ($__proto__: Int) { hasOwnProperty(toString: $__proto__) { name } }')).toEqual({
      errors: [{ message: 'No variable can be called $__proto__.', extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });
});

function planningsOf(): [string, boolean][] {
  return [
    ['planned by the native planner', true],
    ['planned directly', false],
  ];
}
