import { expect, it } from 'vitest';
import { keepPlan, plans } from './plan.ts';

it('the panel tells a refusal from a plan that is kept from its reader', () => {
  expect(plans.last()).toBe('none yet');
  const plan = { kind: 'Nothing', isCached: true };
  expect(keepPlan({ data: { a: 1 }, extensions: { plan, cost: 1 } })).toEqual({
    data: { a: 1 },
    extensions: { cost: 1 },
  });
  expect(plans.last()).toBe(plan);
  keepPlan(JSON.parse('{"errors":[{"message":"No such field."}]}'));
  expect(plans.last()).toBe('refused');
  keepPlan(JSON.parse('{"data":{"a":null},"errors":[{"message":"It is away."}]}'));
  expect(plans.last()).toBe('not told');
});
