import { type DestinationStream, type Logger, pino } from 'pino';
import { currentRequestId } from './request-scope.ts';
import type { LogLevel } from './settings.ts';
import { traceId } from './trace.ts';

export type Log = Logger;

/** Names under which a secret could stand in what is logged; the value is never written. */
const SECRET_NAMES = [
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'token',
  'secret',
  'licenseKey',
  'key',
  'code_verifier',
];
const PATHS = SECRET_NAMES.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);

/**
 * The log of one part: JSON lines on standard error, secrets cut out by name. A line that is written while a request or a job is
 * worked on names it and its trace.
 *
 * @param part such as `gateway`; on every line
 * @param out where the lines go
 */
export function createLog(
  part: string,
  level: LogLevel = 'info',
  out: DestinationStream = pino.destination({ fd: 2, sync: true }),
): Log {
  return pino(
    {
      name: part,
      level,
      base: { part },
      mixin: whereItIs,
      redact: { paths: PATHS, censor: '[cut]' },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    out,
  );
}

function whereItIs(): { requestId?: string; trace_id?: string } {
  const [requestId, trace] = [currentRequestId(), traceId()];
  return { ...(requestId ? { requestId } : {}), ...(trace ? { trace_id: trace } : {}) };
}

/** Tells whoever started this process that it answers now: one JSON line on standard output. */
export function announceReady(part: string, url: string): void {
  process.stdout.write(`${JSON.stringify({ msg: 'ready', part, url })}\n`);
}
