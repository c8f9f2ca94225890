import type { ExecutionResult } from 'graphql';
import { inClientTerms } from './errors.ts';
import type { FetchKeys } from './fetch-keys.ts';
import type { PlanNode } from './planner.ts';
import { project } from './project.ts';
import type { JsonObject } from './response.ts';
import type { Selection } from './selection.ts';
import type { Tree } from './steps.ts';
import { tellerOf } from './tellers.ts';
import { writeAnswer } from './write.ts';

export interface Finishing {
  readonly selection: Selection;
  readonly keys: FetchKeys;
  readonly plan: PlanNode | null;
  /** Answers to `__schema` and `__type`, by response key. */
  readonly introspected: JsonObject | null;
  /** Whether the data may be an `AnswerText`. */
  readonly mayBeText: boolean;
}

/** Makes the client's answer of what the fetches brought. */
export function finish(
  { response, sharing: { shared }, types: { isAbstract }, errors: reported, losses }: Tree,
  { selection, keys, plan, introspected, mayBeText }: Finishing,
): ExecutionResult {
  const errors = reported.map((error) => inClientTerms(error, keys));
  if (mayBeText && shared.size > 0 && errors.length === 0 && losses.isEmpty && !introspected) {
    const text = writeAnswer(response, selection, { shared, isAbstract });
    if (text) return { data: text };
  }
  const whoTells = (key: string) => tellerOf(plan, key);
  const data = project(response, selection, { errors, losses, introspected, isAbstract, shared, whoTells });
  errors.push(...losses.untold().map((error) => inClientTerms(error, keys)));
  return errors.length > 0 ? { data, errors } : { data };
}
