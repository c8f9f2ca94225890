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
export function parseResult(json: string | Buffer): ExecutionResult {
  const bytes = typeof json === 'string' ? Buffer.from(json) : json;
  const [begin, end] = [bytes.findIndex(isBlack), bytes.findLastIndex(isBlack)];
  if (bytes[begin] !== OPEN || bytes[end] !== CLOSE) throw new Error('The answer is no GraphQL result.');
  return new TextAnswer(json);
}

const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Neither space (RFC 8259, section 2) nor of a byte order mark (section 8.1). */
function isBlack(byte: number): boolean {
  return byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf;
}

/** @throws FailedAnswer when the subgraph says by its status that it failed (RFC 9110, section 15.6), whatever else it says */
export function resultOf({ status, body }: JsonAnswer): ExecutionResult {
  const result = parseResult(body);
  if (status >= 500) throw new FailedAnswer(status, result);
  return result;
}
