import { randomUUID } from 'node:crypto';
import { type FailureCode, isFailure, isFailureCode } from '@assay/failure';
import type { Log } from '@assay/telemetry';
import type { GraphQLFormattedError } from 'graphql';
import type { Meters } from './meters.ts';
import { RateLimited } from './rate/refusal.ts';

/** What a client gets for an error, whatever it was: a code of the closed union, or INTERNAL with an id that is in the log. */
export type PresentError = (error: unknown) => GraphQLFormattedError;

/** Apollo Server's and the engine's own codes, in the contract's words. */
const OTHER_CODES: ReadonlyMap<string, FailureCode> = new Map([
  ['BAD_REQUEST', 'BAD_USER_INPUT'],
  ['OPERATION_RESOLUTION_FAILURE', 'BAD_USER_INPUT'],
  ['PERSISTED_QUERY_NOT_SUPPORTED', 'PERSISTED_QUERY_NOT_FOUND'],
]);

/** Names of types and fields that the caller did not write. */
const SUGGESTION = / ?Did you mean (.+?)\?$/;

/** @param log gets what is masked */
export function createPresentError(log: Log, meters?: Pick<Meters, 'errors' | 'rejections'>): PresentError {
  return (error) => {
    const shown = show(error, log);
    meters?.errors.inc({ code: String(shown.extensions?.['code']) });
    const reason = refusalOf(shown);
    if (reason) meters?.rejections.inc({ reason });
    return shown;
  };
}

/** Codes of what was refused, and did not fail. */
const REFUSALS: ReadonlySet<unknown> = new Set<FailureCode>([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'TOO_COMPLEX',
  'RATE_LIMITED',
  'PERSISTED_QUERY_NOT_FOUND',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
]);

/** Of few: the limit that something is over, or else its code; null when nobody refused anything. */
function refusalOf({ extensions: { code, limit } = {} }: GraphQLFormattedError): string | null {
  if (!REFUSALS.has(code)) return null;
  const name = typeof limit === 'object' && limit !== null && 'name' in limit ? limit.name : code;
  return String(name);
}

function show(error: unknown, log: Log): GraphQLFormattedError {
  const { message, code, path, locations, extensions } = partsOf(error);
  const place = { ...(path ? { path } : {}), ...(locations ? { locations } : {}) };
  // Its client learns that something is away; what it was, and why, is for the log.
  if (isFailure(error) && code === 'UPSTREAM_UNAVAILABLE' && error.cause)
    log.warn({ err: error }, 'something that a request needs is away');
  if (code === null) {
    const errorId = typeof extensions['errorId'] === 'string' ? extensions['errorId'] : randomUUID();
    log.error({ errorId, err: error }, 'masked error');
    const masked = 'Something failed on our side. Quote the error id when you report it.';
    return { message: masked, ...place, extensions: { code: 'INTERNAL', errorId } };
  }
  const { problems, errorId, limit } = extensions;
  const kept = {
    code,
    ...(problems ? { problems: briefProblems(problems) } : {}),
    ...(limit ? { limit } : {}),
    ...(errorId ? { errorId } : {}),
  };
  return { message: brief(message.replace(SUGGESTION, '')), ...place, extensions: kept };
}

/** What a message says of a value: enough to know it by. */
const MAX_VALUE_CHARACTERS = 200;
const MAX_MESSAGE_CHARACTERS = 800;

/** A value that is wrong is told in its message, twice over: nobody gets his own half a megabyte back three times as long. */
function brief(message: string): string {
  if (message.length <= MAX_MESSAGE_CHARACTERS) return message;
  const shorter = message.replace(/[^"]{201,}/g, (text) => `${text.slice(0, MAX_VALUE_CHARACTERS)}…`);
  return shorter.length <= MAX_MESSAGE_CHARACTERS ? shorter : `${shorter.slice(0, MAX_MESSAGE_CHARACTERS)}…`;
}

function briefProblems(problems: unknown): unknown {
  if (!Array.isArray(problems)) return problems;
  return problems.map((each: { readonly message?: unknown }) =>
    typeof each?.message === 'string' ? { ...each, message: brief(each.message) } : each,
  );
}

interface Parts {
  readonly message: string;
  readonly code: FailureCode | null;
  readonly path?: GraphQLFormattedError['path'];
  readonly locations?: GraphQLFormattedError['locations'];
  readonly extensions: Readonly<Record<string, unknown>>;
}

function partsOf(error: unknown): Parts {
  if (isFailure(error)) {
    const { message, code, problems } = error;
    return { message, code, extensions: error instanceof RateLimited ? { limit: error.limit } : { problems } };
  }
  const record = typeof error === 'object' && error !== null ? (error as Partial<GraphQLFormattedError>) : {};
  const extensions: Record<string, unknown> = record.extensions ?? {};
  const { code } = extensions;
  const known = isFailureCode(code) ? code : typeof code === 'string' ? (OTHER_CODES.get(code) ?? null) : null;
  return { message: record.message ?? '', code: known, path: record.path, locations: record.locations, extensions };
}
