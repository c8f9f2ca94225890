import type { ExecutionResult } from 'graphql';
import { LRUCache } from 'lru-cache';
import { TextAnswer, type TransportRequest, variablesText } from '../engine/index.ts';
import { FailedAnswer } from '../resilience.ts';
import type { JsonAnswer } from './post-json.ts';

/** A plan asks with the same few documents again and again: their JSON is written once. */
export function createQuoting(): (query: string) => string {
  const known = new LRUCache<string, string>({ max: 5_000 });
  return (query) => {
    const found = known.get(query);
    if (found !== undefined) return found;
    const made = JSON.stringify(query);
    known.set(query, made);
    return made;
  };
}

export function bodyOf(query: string, variables: TransportRequest<unknown>['variables']): string {
  for (const _name in variables) return `{"query":${query},"variables":${variablesText(variables)}}`;
  return `{"query":${query}}`;
}

/** Read when somebody looks at it; that it is an object is all that is known here. */
export function parseResult(text: string): ExecutionResult {
  if (!/^\s*\{/.test(text) || !/\}\s*$/.test(text.slice(-64))) throw new Error('The answer is no GraphQL result.');
  return new TextAnswer(text);
}

/** @throws FailedAnswer when the subgraph says by its status that it failed (RFC 9110, section 15.6), whatever else it says */
export function resultOf({ status, text }: JsonAnswer): ExecutionResult {
  const result = parseResult(text);
  if (status >= 500) throw new FailedAnswer(status, result);
  return result;
}
