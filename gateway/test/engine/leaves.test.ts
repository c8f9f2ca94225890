import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { AnswerText, createEngine, createHivePlanner, TextAnswer } from '../../src/engine/index.ts';

const SDL = `type Query { int: Int float: Float string: String boolean: Boolean id: ID any: Any ints: [Int] }
  scalar Any`;
const { supergraphSdl = '' } = composeServices([{ name: 'leaves', typeDefs: parse(SDL), url: '' }]);

/** What clients get who ask again and again, while the subgraph gives one JSON for one field. */
async function answersOf(field: string, json: string) {
  const planner = createHivePlanner(supergraphSdl);
  const execute = async () => new TextAnswer(`{"data":{"${field}":${json}}}`);
  const transports = { leaves: { execute, subscribe: execute } };
  const engine = createEngine<null>({ supergraphSdl, planner, transports });
  const asked = { document: parse(`{ ${field} }`), context: null, mayBeText: true };
  // What is asked again is derived from bytes, where that can be.
  const answers = [await engine.execute(asked), await engine.execute(asked), await engine.execute(asked)];
  return answers.map(({ data, errors }) => ({
    data: data instanceof AnswerText ? data.text : JSON.stringify(data),
    told: errors?.map(({ path, extensions }) => [extensions['code'], path]),
  }));
}

describe('a leaf', () => {
  it.each([
    ['int', '0'],
    ['int', '-2147483648'],
    ['int', '2147483647'],
    ['int', 'null'],
    ['float', '1.5'],
    ['float', '7'],
    ['float', '1e300'],
    ['string', '"é\\n"'],
    ['string', '""'],
    ['boolean', 'true'],
    ['boolean', 'false'],
    ['id', '"a"'],
    ['id', '12345678901'],
    ['any', '{"a":[1,"x",null,true]}'],
    ['any', '"x"'],
    ['ints', '[1,null,2]'],
  ])('of type %s is what the schema promises: %s', async (field, json) => {
    const right = { data: JSON.stringify({ [field]: JSON.parse(json) }), told: undefined };
    expect(await answersOf(field, json)).toEqual([right, right, right]);
  });

  it.each([
    ['int', '2147483648'],
    ['int', '-2147483649'],
    ['int', '99999999999'],
    ['int', '1.5'],
    ['int', '"1"'],
    ['int', 'true'],
    ['float', '"1.5"'],
    ['float', '1e400'],
    ['float', 'false'],
    ['string', '5'],
    ['string', 'true'],
    ['string', '["a"]'],
    ['boolean', '0'],
    ['boolean', '"true"'],
    ['boolean', '{}'],
    ['id', '1.5'],
    ['id', 'true'],
    ['id', '{"a":1}'],
    ['any', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ])('of type %s that is something else is null, and an error says so: %s', async (field, json) => {
    const wrong = { data: `{"${field}":null}`, told: [['UPSTREAM_UNAVAILABLE', [field]]] };
    expect(await answersOf(field, json)).toEqual([wrong, wrong, wrong]);
  });

  it('of a list is null by itself', async () => {
    const wrong = { data: '{"ints":[1,null,3]}', told: [['UPSTREAM_UNAVAILABLE', ['ints', 1]]] };
    expect(await answersOf('ints', '[1,"2",3]')).toEqual([wrong, wrong, wrong]);
  });
});
